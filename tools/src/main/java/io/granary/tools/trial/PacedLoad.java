package io.granary.tools.trial;

import io.granary.resp.RequestEncoder;
import io.granary.tools.client.Connection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Clients that read and overwrite keys at an even pace, and remember how long each call took. A call that could not begin in
 * time because the one before took too long counts from when it was due, so a stall counts for every call that it held up.
 */
final class PacedLoad implements AutoCloseable {

    private static final int CLIENTS = 4;
    private static final long PACE_NANOS = 1_000_000;
    private static final int BATCH = 500;
    private static final String OK = "+OK\r\n";
    private static final int FILL_TIMEOUT_MS = 30_000;
    private static final int JOIN_MS = 10_000;

    private final TrialNode node;
    private final int keys;
    private final String value;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Calls> calls = new ArrayList<>();
    private volatile boolean ended;
    private volatile IOException failure;

    /** What one client remembers: no object a call, or this process would stand still to collect them. */
    private static final class Calls {

        private static final int COUNT_AT_FIRST = 1 << 17;

        private long[] begun = new long[COUNT_AT_FIRST];
        private long[] nanos = new long[COUNT_AT_FIRST];
        private int count;

        void add(long when, long took) {
            if (count == begun.length) {
                begun = Arrays.copyOf(begun, 2 * count);
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            begun[count] = when;
            nanos[count++] = took;
        }

        /** How long those took that began between two moments. */
        LongStream between(long from, long to) {
            return IntStream.range(0, count).filter(i -> begun[i] - from >= 0 && begun[i] - to < 0).mapToLong(i -> nanos[i]);
        }
    }

    /** Begins; the keys are those of {@link #key}. */
    PacedLoad(TrialNode node, int keys, int valueBytes) {
        this.node = node;
        this.keys = keys;
        this.value = "y".repeat(valueBytes);
        for (int i = 0; i < CLIENTS; i++) {
            int seed = i;
            threads.add(Thread.ofPlatform().daemon().start(() -> run(seed)));
        }
    }

    /** Who bears it. */
    TrialNode node() {
        return node;
    }

    /** Writes all keys. */
    static void fill(TrialNode node, int keys, int valueBytes) throws IOException {
        String value = "x".repeat(valueBytes);
        try (Socket socket = new Socket(node.address().host(), node.address().port())) {
            socket.setSoTimeout(FILL_TIMEOUT_MS);
            for (int i = 0; i < keys; i += BATCH) {
                ByteArrayOutputStream batch = new ByteArrayOutputStream();
                int end = Math.min(keys, i + BATCH);
                for (int j = i; j < end; j++) {
                    batch.writeBytes(RequestEncoder.encode("SET", key(j), value));
                }
                batch.writeTo(socket.getOutputStream());
                socket.getInputStream().skipNBytes((end - i) * OK.length());
            }
        }
    }

    static String key(int number) {
        String digits = Integer.toString(number);
        return "key:" + "0".repeat(12 - digits.length()) + digits;
    }

    private void run(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Calls own = new Calls();
        synchronized (calls) {
            calls.add(own);
        }
        try (Connection connection = node.connect()) {
            long due = System.nanoTime();
            while (!ended) {
                due += PACE_NANOS;
                long early = due - System.nanoTime();
                if (early > 0) {
                    LockSupport.parkNanos(early);
                }
                long begun = early > 0 ? System.nanoTime() : due;
                if (random.nextBoolean()) {
                    connection.call("SET", key(random.nextInt(keys)), value);
                } else {
                    connection.call("GET", key(random.nextInt(keys)));
                }
                own.add(begun, System.nanoTime() - begun);
            }
        } catch (IOException broken) {
            failure = broken;
        }
    }

    /** Ends the clients; the calls may be asked for afterwards. */
    void end() throws IOException {
        close();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            for (Thread thread : threads) {
                thread.join(JOIN_MS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The 99th percentile of the calls begun between two points of {@link System#nanoTime}, in ms; after the end. */
    double p99Ms(long from, long to) {
        synchronized (calls) {
            long[] nanos = calls.stream().flatMapToLong(own -> own.between(from, to)).sorted().toArray();
            return nanos.length == 0 ? 0 : nanos[(int) (nanos.length * 0.99)] / 1e6;
        }
    }
}
