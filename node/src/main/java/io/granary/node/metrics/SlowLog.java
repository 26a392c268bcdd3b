package io.granary.node.metrics;

import io.granary.node.dispatch.Redaction;
import io.granary.resp.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * The calls that took longer than {@code slowlog-log-slower-than}, newest first, at most {@code slowlog-max-len} of them.
 */
public final class SlowLog {

    private static final int ARGUMENTS_MAX = 32;
    private static final int ARGUMENT_BYTES_MAX = 128;

    /** What all entries may take, whatever {@code slowlog-max-len} is. */
    static final long BYTES_MAX = 16 * 1024 * 1024;

    /** What an entry, and each argument of it, takes beside its bytes, about. */
    private static final int OVERHEAD_BYTES = 64;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private long nextId;

    /**
     * One slow call.
     *
     * @param unixSeconds when it ended
     * @param arguments at most 32 of them, each of at most 128 bytes, as Redis cuts them
     */
    public record Entry(
            long id, long unixSeconds, long micros, List<byte[]> arguments, String address, String clientName) {

        /** What it takes on the heap, about. */
        long bytes() {
            long sum = 2 * OVERHEAD_BYTES + address.length() + clientName.length();
            for (byte[] argument : arguments) {
                sum += OVERHEAD_BYTES + argument.length;
            }
            return sum;
        }
    }

    /** Adds a call; arguments whose index is in {@code secret} are hidden. */
    public synchronized void add(
            Request request, BitSet secret, long unixSeconds, long micros, String address, String clientName,
            long lengthMax) {
        if (lengthMax <= 0) {
            return;
        }
        Entry added = new Entry(nextId++, unixSeconds, micros, arguments(request, secret), address, clientName);
        entries.addFirst(added);
        bytes += added.bytes();
        while (entries.size() > lengthMax || bytes > BYTES_MAX) {
            bytes -= entries.removeLast().bytes();
        }
    }

    private static List<byte[]> arguments(Request request, BitSet secret) {
        int count = request.count();
        int shown = Math.min(count, ARGUMENTS_MAX);
        List<byte[]> arguments = new ArrayList<>(shown);
        for (int i = 0; i < shown; i++) {
            if (count > shown && i == shown - 1) {
                arguments.add(("... (" + (count - shown + 1) + " more arguments)").getBytes(StandardCharsets.US_ASCII));
            } else {
                arguments.add(secret.get(i) ? Redaction.text() : shortened(request, i));
            }
        }
        return arguments;
    }

    private static byte[] shortened(Request request, int i) {
        int more = request.length(i) - ARGUMENT_BYTES_MAX;
        return more <= 0 ? request.toBytes(i) : (request.toText(i, ARGUMENT_BYTES_MAX) + "... (" + more + " more bytes)")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The newest entries, at most {@code count}, all when negative. */
    public synchronized List<Entry> newest(long count) {
        List<Entry> newest = new ArrayList<>();
        for (Entry entry : entries) {
            if (count >= 0 && newest.size() >= count) {
                break;
            }
            newest.add(entry);
        }
        return newest;
    }

    public synchronized int size() {
        return entries.size();
    }

    public synchronized void clear() {
        entries.clear();
        bytes = 0;
    }
}
