package io.granary.tools.backup;

import io.granary.persistence.rdb.DumpPayload;
import io.granary.persistence.rdb.NativeBytes;
import io.granary.persistence.rdb.RdbEntry;
import io.granary.persistence.rdb.RdbVisitor;
import io.granary.resp.Frame;
import io.granary.resp.Frame.ErrorFrame;
import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.StopSign;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** Sends the keys of an RDB to the owners of their slots, many in one piece, as payloads that any Redis and Valkey takes. */
final class KeySender implements RdbVisitor, AutoCloseable {

    private static final int COMMANDS_AT_ONCE = 512;
    private static final long BYTES_AT_ONCE = 1 << 20;
    private static final int SHOWN_KEY_CHARS_MAX = 128;

    /** What waits to be sent to one node. */
    private static final class Outbox {
        private final Connection connection;
        private final List<Object[]> commands = new ArrayList<>();
        private long bytes;

        Outbox(Connection connection) {
            this.connection = connection;
        }
    }

    private final NodeReport[] owners;
    private final Access access;
    private final boolean replace;
    private final StopSign stop;
    private final LongConsumer sent;
    private final Map<NodeReport, Outbox> outboxes = new LinkedHashMap<>();
    private final long nowMs = System.currentTimeMillis();
    private long expired;
    private long libraries;

    /** @param sent told how many keys were written, again and again */
    KeySender(NodeReport[] owners, Access access, boolean replace, StopSign stop, LongConsumer sent) {
        this.owners = owners;
        this.access = access;
        this.replace = replace;
        this.stop = stop;
        this.sent = sent;
    }

    @Override
    public void string(RdbEntry entry) throws IOException {
        if (stop.isSet()) {
            throw new IOException("given up, because another file could not be restored");
        }
        if (entry.expiryMs() != RdbEntry.NONE && entry.expiryMs() <= nowMs) {
            expired++;
            return;
        }
        byte[] key = entry.key().toArray();
        Outbox outbox = outbox(owners[Slot.of(key)]);
        byte[] payload = payload(entry.value());
        outbox.commands.add(command(key, payload, entry));
        outbox.bytes += key.length + payload.length;
        if (outbox.commands.size() >= COMMANDS_AT_ONCE || outbox.bytes >= BYTES_AT_ONCE) {
            send(outbox);
        }
    }

    @Override
    public void function(NativeBytes code) {
        libraries++;
    }

    private Outbox outbox(NodeReport owner) throws IOException {
        Outbox outbox = outboxes.get(owner);
        if (outbox == null) {
            outbox = new Outbox(Connection.open(owner.address(), access));
            outboxes.put(owner, outbox);
        }
        return outbox;
    }

    private static byte[] payload(NativeBytes value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(DumpPayload.bytesMax(value.length()));
            long length = DumpPayload.write(value.segment(), 0, value.length(), true, out);
            return out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private Object[] command(byte[] key, byte[] payload, RdbEntry entry) {
        boolean expires = entry.expiryMs() != RdbEntry.NONE;
        List<Object> words = new ArrayList<>(List.of("RESTORE", key, expires ? entry.expiryMs() : 0, payload));
        if (expires) {
            words.add("ABSTTL");
        }
        if (replace) {
            words.add("REPLACE");
        }
        if (entry.idleSeconds() != RdbEntry.NONE) {
            words.addAll(List.of("IDLETIME", entry.idleSeconds()));
        } else if (entry.frequency() != RdbEntry.NONE) {
            words.addAll(List.of("FREQ", entry.frequency()));
        }
        return words.toArray();
    }

    private void send(Outbox outbox) throws IOException {
        List<Frame> replies = outbox.connection.callAll(outbox.commands);
        for (int i = 0; i < replies.size(); i++) {
            if (replies.get(i) instanceof ErrorFrame(String message)) {
                throw new IOException("key '" + shown((byte[]) outbox.commands.get(i)[1]) + "' was refused: " + message);
            }
        }
        sent.accept(replies.size());
        outbox.commands.clear();
        outbox.bytes = 0;
    }

    private static String shown(byte[] key) {
        String text = new String(key, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?");
        return text.length() > SHOWN_KEY_CHARS_MAX ? text.substring(0, SHOWN_KEY_CHARS_MAX) + "..." : text;
    }

    /** Sends what still waits. */
    void flush() throws IOException {
        for (Outbox outbox : outboxes.values()) {
            send(outbox);
        }
    }

    long expired() {
        return expired;
    }

    long libraries() {
        return libraries;
    }

    @Override
    public void close() throws IOException {
        for (Outbox outbox : outboxes.values()) {
            outbox.connection.close();
        }
    }
}
