package io.granary.tools.cluster;

import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Lets a server that is no part of a cluster send its keys, of database 0, to their owners in one. The server sends them
 * itself, and removes what has arrived, so an import that ends half way leaves every key on one side, and may be repeated.
 */
public final class Importing implements AutoCloseable {

    private static final String SCANNED_AT_ONCE = "1000";
    /** So often the owners are looked up anew for keys whose slots have moved meanwhile. */
    private static final int LOOKUPS_MAX = 10;

    private final Connection source;
    private final Access access;
    private final Style style;
    private NodeReport[] owners;
    private Survey survey;
    private long imported;

    /**
     * How keys are sent.
     *
     * @param copy whether the source keeps them
     * @param replace whether keys that the cluster has already are overwritten
     * @param timeoutMs how long the source waits for a node
     * @param pipeline how many keys at once
     */
    public record Style(boolean copy, boolean replace, int timeoutMs, int pipeline) {}

    /** @param access of the cluster's nodes, which the source is told */
    public Importing(Address source, Access sourceAccess, Survey survey, Access access, Style style) throws IOException {
        this.source = Connection.open(source, sourceAccess);
        this.access = access;
        this.style = style;
        this.survey = survey;
        this.owners = owners(survey);
    }

    private static NodeReport[] owners(Survey survey) {
        NodeReport[] owners = new NodeReport[Slot.COUNT];
        survey.primaries().forEach(primary -> primary.slots().forEach(slot -> owners[slot] = primary));
        return owners;
    }

    /** What INFO of the source says. */
    public InfoText info() throws IOException {
        return InfoText.parse(source.text("INFO"));
    }

    /** How many keys database 0 of the source has. */
    public long size() throws IOException {
        return Long.parseLong(source.text("DBSIZE"));
    }

    /** Sends all keys; {@code progress} is told how many so far. Returns how many it were. */
    public long run(LongConsumer progress) throws IOException {
        String cursor = "0";
        do {
            List<Frame> page = source.call("SCAN", cursor, "COUNT", SCANNED_AT_ONCE).items();
            cursor = page.get(0).text();
            Map<NodeReport, List<byte[]>> batches = new LinkedHashMap<>();
            for (Frame key : page.get(1).items()) {
                byte[] bytes = key.text().getBytes(StandardCharsets.ISO_8859_1);
                List<byte[]> batch = batches.computeIfAbsent(owners[Slot.of(bytes)], _ -> new ArrayList<>());
                batch.add(bytes);
                if (batch.size() == style.pipeline) {
                    send(batches.remove(owners[Slot.of(bytes)]), progress);
                }
            }
            for (List<byte[]> batch : batches.values()) {
                send(batch, progress);
            }
        } while (!cursor.equals("0"));
        return imported;
    }

    /** All keys had the same owner when they were put together; if that has changed they go one by one. */
    private void send(List<byte[]> keys, LongConsumer progress) throws IOException {
        if (!migrate(keys)) {
            for (byte[] key : keys) {
                for (int i = 0; !migrate(List.of(key)); i++) {
                    if (i == LOOKUPS_MAX) {
                        throw new IOException("slot " + Slot.of(key) + " moves all the time");
                    }
                    survey = Survey.spreadingFrom(survey.answering().stream().map(NodeReport::address).toList(), access);
                    owners = owners(survey);
                }
            }
        }
        imported += keys.size();
        progress.accept(imported);
    }

    /** False if the owner is another one meanwhile; keys that have arrived before that are gone at the source. */
    private boolean migrate(List<byte[]> keys) throws IOException {
        Address target = owners[Slot.of(keys.getFirst())].address();
        List<Object> words = new ArrayList<>(List.of("MIGRATE", target.host(), target.port(), "", 0, style.timeoutMs));
        if (style.copy) {
            words.add("COPY");
        }
        if (style.replace) {
            words.add("REPLACE");
        }
        words.addAll(SlotMove.authentication(access));
        words.add("KEYS");
        words.addAll(keys);
        try {
            source.call(words.toArray());
            return true;
        } catch (ErrorReply refused) {
            if (refused.getMessage().contains("MOVED ") || refused.getMessage().contains("ASK ")) {
                return false;
            }
            String advice = refused.getMessage().contains("BUSYKEY")
                    ? "; --replace overwrites keys that the cluster has" : "";
            throw new IOException("sending to " + target + " after " + imported + " keys: " + refused.getMessage() + advice,
                    refused);
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
