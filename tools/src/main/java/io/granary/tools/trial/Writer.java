package io.granary.tools.trial;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that writes one new key after the other into one slot, goes where it is sent, and remembers what was
 * acknowledged and when. A reply that does not come in time is no acknowledgement. Every few writes it asks with WAIT
 * whether a replica has them: those are promised whatever happens to the primary, while an acknowledgement alone says that
 * the primary has the write.
 */
public final class Writer implements AutoCloseable {

    private static final int REPLY_TIMEOUT_MS = 500;
    private static final int PATIENT_TIMEOUT_MS = 60_000;
    /** So many writes at most are acknowledged and not yet asked for with WAIT. */
    static final int WRITES_PER_WAIT = 4;
    private static final int WAIT_MS = 20;
    private static final long PACE_NANOS = 500_000;
    private static final int JOIN_MS = 10_000;

    private final String tag;
    private final List<Address> nodes;
    private final int timeoutMs;
    private final Thread thread;
    private final Map<Integer, Acknowledgement> acknowledged = new TreeMap<>();
    private final Set<Integer> promised = new TreeSet<>();
    private final List<Integer> unconfirmed = new ArrayList<>();
    private final Map<String, Integer> errors = new HashMap<>();
    private Connection connection;
    private Address at;
    private int tried;
    private volatile boolean ended;

    /** When a write was acknowledged, by {@link System#nanoTime}, and by whom. */
    private record Acknowledgement(long nanos, Address by) {}

    private Writer(String tag, List<Address> nodes, Address first, int timeoutMs) {
        this.tag = tag;
        this.nodes = nodes;
        this.at = first;
        this.timeoutMs = timeoutMs;
        thread = Thread.ofPlatform().daemon().name("writer " + tag).unstarted(this::run);
    }

    /** Begins to write keys with this hash tag; where a node does not answer, it asks the next. */
    public static Writer start(String tag, TrialCluster cluster, TrialNode first) {
        List<Address> nodes = cluster.nodes().stream().map(TrialNode::address).toList();
        return start(new Writer(tag, nodes, first.address(), REPLY_TIMEOUT_MS));
    }

    /** Begins to write keys with this hash tag, and stays with a node until that one sends it elsewhere. */
    public static Writer startFaithful(String tag, TrialNode node) {
        return start(new Writer(tag, List.of(node.address()), node.address(), PATIENT_TIMEOUT_MS));
    }

    private static Writer start(Writer writer) {
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
                unconfirmed.clear();
                connection = Connection.open(at, timeoutMs);
            }
            connection.call("SET", key(number), number);
            synchronized (this) {
                acknowledged.put(number, new Acknowledgement(System.nanoTime(), at));
            }
            confirm(number);
        } catch (ErrorReply refusal) {
            refused(refusal.getMessage());
        } catch (IOException _) {
            disconnect();
            at = nodes.get(tried++ % nodes.size());
        }
    }

    private void confirm(int number) throws IOException {
        unconfirmed.add(number);
        if (number % WRITES_PER_WAIT == 0 && connection.call("WAIT", 1, WAIT_MS).text().equals("1")) {
            synchronized (this) {
                promised.addAll(unconfirmed);
            }
            unconfirmed.clear();
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
        for (Acknowledgement each : acknowledged.values()) {
            longest = before == 0 ? longest : Math.max(longest, each.nanos() - before);
            before = each.nanos();
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

    /** When a node acknowledged writes, in order, from one point of {@link System#nanoTime} until before another. */
    public synchronized List<Long> acknowledgedBy(TrialNode node, long from, long to) {
        return acknowledged.values().stream().filter(each -> each.by().equals(node.address())).map(Acknowledgement::nanos)
                .filter(nanos -> nanos - from >= 0 && nanos - to < 0).toList();
    }

    /** Of the acknowledged writes those that the node which owns them now does not have; to be asked after {@link #stop}. */
    public Loss lost(TrialNode owner) throws IOException {
        List<Integer> lost = new ArrayList<>();
        try (Connection reading = owner.connect()) {
            for (int number : acknowledged.keySet()) {
                if (!reading.call("EXISTS", key(number)).text().equals("1")) {
                    lost.add(number);
                }
            }
        }
        int broken = (int) lost.stream().filter(promised::contains).count();
        return new Loss(acknowledged.size(), promised.size(), lost.size(), broken);
    }

    /**
     * What became of the writes.
     *
     * @param acknowledged how many were
     * @param promised of these, how many a replica had confirmed
     * @param lost of the acknowledged
     * @param broken of the promised, lost
     */
    public record Loss(int acknowledged, int promised, int lost, int broken) {}
}
