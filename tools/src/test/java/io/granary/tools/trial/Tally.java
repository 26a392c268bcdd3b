package io.granary.tools.trial;

import io.granary.slots.Slot;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that counts up keys of slots that move, follows every redirection, MOVED and ASK, and remembers what each key
 * must hold at least and may hold at most: no acknowledged increment may be lost, and none may count twice.
 */
final class Tally implements AutoCloseable {

    private static final int REPLY_TIMEOUT_MS = 2000;
    private static final int WAIT_MS = 30;
    private static final int REDIRECTIONS_MAX = 8;
    private static final long PACE_NANOS = 200_000;
    private static final int JOIN_MS = 20_000;

    private final List<Address> nodes;
    private final List<String> keys = new ArrayList<>();
    private final Map<String, Count> counts = new HashMap<>();
    private final Map<Address, Connection> connections = new HashMap<>();
    private final Map<Integer, Address> owners = new HashMap<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("tally").unstarted(this::run);
    private volatile int acknowledged;
    private volatile int asked;
    private volatile boolean ended;
    private int tried;
    /** Held while a key is counted up. */
    private final Object turn = new Object();

    /** What is known of a key: increments that were tried, that were acknowledged, and the value that a replica had. */
    private static final class Count {
        private int tried;
        private int acknowledged;
        private int promised;
    }

    private Tally(TrialCluster cluster) {
        nodes = cluster.nodes().stream().map(TrialNode::address).toList();
    }

    /** Begins to count up a few new keys of each slot. */
    static Tally start(TrialCluster cluster, List<Integer> slots, int keysEach) {
        Tally tally = new Tally(cluster);
        // keys of a tally before must not be taken for its own
        String name = "count" + Long.toString(System.nanoTime(), Character.MAX_RADIX) + "-";
        for (int slot : slots) {
            String tag = tagOf(slot);
            for (int i = 0; i < keysEach; i++) {
                tally.keys.add(tag + name + i);
                tally.counts.put(tag + name + i, new Count());
            }
        }
        tally.thread.start();
        return tally;
    }

    /** A hash tag, braces included, of a slot. */
    static String tagOf(int slot) {
        for (int i = 0; ; i++) {
            if (Slot.of(Integer.toString(i).getBytes(StandardCharsets.US_ASCII)) == slot) {
                return "{" + i + "}";
            }
        }
    }

    private void run() {
        for (int i = 0; !ended; i++) {
            synchronized (turn) {
                increment(keys.get(i % keys.size()));
            }
            LockSupport.parkNanos(PACE_NANOS);
        }
    }

    private void increment(String key) {
        Count count = counts.get(key);
        int slot = Slot.of(key.getBytes(StandardCharsets.US_ASCII));
        Address at = owners.computeIfAbsent(slot, _ -> nodes.getFirst());
        boolean asking = false;
        for (int i = 0; i < REDIRECTIONS_MAX && !ended; i++) {
            try {
                Connection connection = connection(at);
                if (asking) {
                    connection.call("ASKING");
                }
                count.tried++;
                int value = Integer.parseInt(connection.text("INCR", key));
                count.acknowledged++;
                acknowledged++;
                if (connection.text("WAIT", 1, WAIT_MS).equals("1")) {
                    count.promised = Math.max(count.promised, value);
                }
                return;
            } catch (ErrorReply refusal) {
                count.tried--;
                String[] words = refusal.getMessage().split(" ");
                asking = words[0].equals("ASK");
                if (asking || words[0].equals("MOVED")) {
                    at = Address.parse(words[2]);
                }
                if (words[0].equals("MOVED")) {
                    owners.put(slot, at);
                }
                asked += asking ? 1 : 0;
            } catch (IOException _) {
                drop(at);
                owners.put(slot, nodes.get(tried++ % nodes.size()));
                return;
            }
        }
    }

    private Connection connection(Address at) throws IOException {
        Connection open = connections.get(at);
        if (open == null) {
            open = Connection.open(at, REPLY_TIMEOUT_MS);
            connections.put(at, open);
        }
        return open;
    }

    private void drop(Address at) {
        Connection broken = connections.remove(at);
        try {
            if (broken != null) {
                broken.close();
            }
        } catch (IOException _) {
            // it is broken in any case
        }
    }

    /** How many increments were acknowledged so far. */
    int acknowledged() {
        return acknowledged;
    }

    /** How often a key was asked for elsewhere. */
    int asked() {
        return asked;
    }

    /** Does something while nothing is counted. */
    void pauseFor(Pause pause) throws IOException {
        synchronized (turn) {
            pause.run();
        }
    }

    /** What is done meanwhile. */
    interface Pause {
        void run() throws IOException;
    }

    /** Stops counting. */
    void stop() {
        ended = true;
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        List.copyOf(connections.keySet()).forEach(this::drop);
    }

    /**
     * What is wrong with the keys, each as its owner has it now; empty if all is well. To be asked after {@link #stop}.
     *
     * @param allKept whether every acknowledged increment must be there, not only those that a replica had
     */
    List<String> faults(TrialCluster cluster, boolean allKept) throws IOException {
        List<String> faults = new ArrayList<>();
        for (String key : keys) {
            Count count = counts.get(key);
            String found = RedisTools.get(cluster, key);
            int value = found == null ? 0 : Integer.parseInt(found);
            int least = allKept ? count.acknowledged : count.promised;
            if (value < least || value > count.tried) {
                faults.add(key + " is " + value + ", not " + least + " to " + count.tried);
            }
        }
        return faults;
    }

    @Override
    public void close() {
        stop();
    }
}
