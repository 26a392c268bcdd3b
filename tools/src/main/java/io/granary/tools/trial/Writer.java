package io.granary.tools.trial;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that writes one new key after the other into one slot, goes where it is sent, and remembers what was
 * acknowledged and when. A reply that does not come in time is no acknowledgement.
 */
public final class Writer implements AutoCloseable {

    private static final int REPLY_TIMEOUT_MS = 500;
    private static final long PACE_NANOS = 500_000;
    private static final int JOIN_MS = 10_000;

    private final String tag;
    private final List<Address> nodes;
    private final Thread thread;
    private final Map<Integer, Long> acknowledged = new TreeMap<>();
    private final Map<String, Integer> errors = new HashMap<>();
    private Connection connection;
    private Address at;
    private int tried;
    private volatile boolean ended;

    private Writer(String tag, List<Address> nodes, Address first) {
        this.tag = tag;
        this.nodes = nodes;
        this.at = first;
        thread = Thread.ofPlatform().daemon().name("writer " + tag).unstarted(this::run);
    }

    /** Begins to write keys with this hash tag. */
    public static Writer start(String tag, TrialCluster cluster, TrialNode first) {
        Writer writer =
                new Writer(tag, cluster.nodes().stream().map(TrialNode::address).toList(), first.address());
        writer.thread.start();
        return writer;
    }

    private void run() {
        for (int i = 0; !ended; i++) {
            write(i);
            LockSupport.parkNanos(PACE_NANOS);
        }
        disconnect();
    }

    private void write(int number) {
        try {
            if (connection == null) {
                connection = Connection.open(at, REPLY_TIMEOUT_MS);
            }
            connection.call("SET", key(number), number);
            synchronized (this) {
                acknowledged.put(number, System.nanoTime());
            }
        } catch (ErrorReply refusal) {
            refused(refusal.getMessage());
        } catch (IOException _) {
            disconnect();
            at = nodes.get(tried++ % nodes.size());
        }
    }

    private void refused(String error) {
        String[] words = error.split(" ");
        synchronized (this) {
            errors.merge(words[0], 1, Integer::sum);
        }
        if (words[0].equals("MOVED")) {
            disconnect();
            at = Address.parse(words[2]);
        }
    }

    private void disconnect() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException _) {
            // it is given up in any case
        }
        connection = null;
    }

    private String key(int number) {
        return tag + ":" + number;
    }

    /** How many writes were acknowledged so far. */
    public synchronized int count() {
        return acknowledged.size();
    }

    /** How often an error with this first word was answered. */
    public synchronized int errors(String word) {
        return errors.getOrDefault(word, 0);
    }

    /** The longest time between two acknowledgements, in milliseconds. */
    public synchronized double longestStallMs() {
        long longest = 0;
        long before = 0;
        for (long time : acknowledged.values()) {
            longest = before == 0 ? longest : Math.max(longest, time - before);
            before = time;
        }
        return longest / 1e6;
    }

    @Override
    public void close() {
        stop();
    }

    /** Stops writing; what was acknowledged may be asked for afterwards. */
    public void stop() {
        ended = true;
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The keys that were acknowledged and are not on the node that owns them now; to be asked after {@link #stop}. */
    public synchronized List<String> lost(TrialNode owner) throws IOException {
        List<String> lost = new ArrayList<>();
        try (Connection reading = owner.connect()) {
            for (int number : acknowledged.keySet()) {
                if (!reading.call("EXISTS", key(number)).text().equals("1")) {
                    lost.add(key(number));
                }
            }
        }
        return lost;
    }
}
