package io.granary.tools.trial;

import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * Clients that write to keys of their own in several ways, go where they are sent, and know exactly what every key may hold
 * afterwards: a lost write shows, and so does one that was done twice.
 *
 * <p>An attempt that was neither acknowledged nor refused may have been done, once.
 */
public final class CheckedLoad implements AutoCloseable {

    private static final int REPLY_TIMEOUT_MS = 1000;
    private static final int WAIT_MS = 200;
    private static final int JOIN_MS = 10_000;
    private static final int VERIFY_SECONDS = 30;
    private static final long RETRY_NANOS = 1_000_000;
    private static final int FAR_EXPIRY_MS = 1_000_000;
    private static final int NEAR_EXPIRY_MS = 150;

    private final List<Address> nodes;
    private final boolean confirmed;
    private final List<Client> clients = new ArrayList<>();
    private final LongAdder done = new LongAdder();
    private volatile boolean ended;
    private volatile boolean watching;

    /** How a key is written to. */
    private enum Kind { SET, EXPIRING, PASSING, INCR, APPEND }

    /** As {@link #start}; a write counts as acknowledged when a replica has it, too. */
    public static CheckedLoad startConfirmed(
            List<Address> nodes, IntPredicate slots, int clients, int keysEach, long paceNanos) {
        return start(new CheckedLoad(nodes, true), slots, clients, keysEach, paceNanos);
    }

    /**
     * Begins.
     *
     * @param slots which slots the keys lie in
     * @param pace between two writes of a client, 0 for none
     */
    public static CheckedLoad start(List<Address> nodes, IntPredicate slots, int clients, int keysEach, long paceNanos) {
        return start(new CheckedLoad(nodes, false), slots, clients, keysEach, paceNanos);
    }

    private static CheckedLoad start(CheckedLoad load, IntPredicate slots, int clients, int keysEach, long paceNanos) {
        // keys of a load before must not be taken for its own
        String prefix = "load:" + Long.toString(System.nanoTime(), Character.MAX_RADIX) + ":";
        int number = 0;
        for (int i = 0; i < clients; i++) {
            List<Key> keys = new ArrayList<>();
            while (keys.size() < keysEach) {
                String name = prefix + number++;
                if (slots.test(Slot.of(name.getBytes(StandardCharsets.US_ASCII)))) {
                    keys.add(new Key(name, Kind.values()[keys.size() % Kind.values().length]));
                }
            }
            load.clients.add(load.new Client(keys, paceNanos));
        }
        load.clients.forEach(client -> client.thread.start());
        return load;
    }

    private CheckedLoad(List<Address> nodes, boolean confirmed) {
        this.nodes = nodes;
        this.confirmed = confirmed;
    }

    /** A key, and what is known of the attempts to write to it: those of one client. */
    private static final class Key {

        private final String name;
        private final Kind kind;
        private final List<Integer> acknowledged = new ArrayList<>();
        private final List<Integer> uncertain = new ArrayList<>();
        private int attempts;

        Key(String name, Kind kind) {
            this.name = name;
            this.kind = kind;
        }

        Object[] request(int attempt) {
            return switch (kind) {
                case SET -> new Object[] {"SET", name, attempt};
                case EXPIRING -> new Object[] {"SET", name, attempt, "PX", FAR_EXPIRY_MS};
                case PASSING -> new Object[] {"SET", name, attempt, "PX", NEAR_EXPIRY_MS};
                case INCR -> new Object[] {"INCR", name};
                case APPEND -> new Object[] {"APPEND", name, attempt + ","};
            };
        }

        /** What is wrong with the value, or null. */
        String fault(Frame value, long ttlMs) {
            String text = value instanceof Frame.Null ? null : value.text();
            boolean right = switch (kind) {
                case SET -> isLatest(text) && (text == null || ttlMs == -1);
                case EXPIRING -> isLatest(text) && (text == null || ttlMs > 0);
                case PASSING -> text == null;
                case INCR -> isCount(text);
                case APPEND -> isSequence(text);
            };
            return right ? null : name + " (" + kind + ") holds " + text + " with ttl " + ttlMs + "; acknowledged "
                    + last(acknowledged) + " (" + acknowledged.size() + "), uncertain " + uncertain;
        }

        private static int last(List<Integer> numbers) {
            return numbers.isEmpty() ? 0 : numbers.getLast();
        }

        private boolean isLatest(String text) {
            int held = text == null ? 0 : Integer.parseInt(text);
            return held == last(acknowledged) || held > last(acknowledged) && uncertain.contains(held);
        }

        private boolean isCount(String text) {
            int held = text == null ? 0 : Integer.parseInt(text);
            return held >= acknowledged.size() && held <= acknowledged.size() + uncertain.size();
        }

        private boolean isSequence(String text) {
            List<Integer> held = new ArrayList<>();
            for (String word : text == null || text.isEmpty() ? new String[0] : text.split(",")) {
                int number = Integer.parseInt(word);
                if (number <= last(held)) {
                    return false;
                }
                held.add(number);
            }
            List<Integer> rest = new ArrayList<>(held);
            rest.removeAll(acknowledged);
            return held.containsAll(acknowledged) && uncertain.containsAll(rest);
        }
    }

    private final class Client {

        private final List<Key> keys;
        private final long paceNanos;
        private final Thread thread = Thread.ofPlatform().daemon().name("checked load").unstarted(this::run);
        private final Map<Address, Connection> connections = new HashMap<>();
        private final Map<Integer, Address> owners = new HashMap<>();
        private int tried;
        private volatile long longestNanos;

        Client(List<Key> keys, long paceNanos) {
            this.keys = keys;
            this.paceNanos = paceNanos;
        }

        private void run() {
            for (int i = 0; !ended; i++) {
                write(keys.get(i % keys.size()));
                if (paceNanos > 0) {
                    LockSupport.parkNanos(paceNanos);
                }
            }
            connections.values().forEach(CheckedLoad::closeQuietly);
        }

        private void write(Key key) {
            int attempt = ++key.attempts;
            int slot = Slot.of(key.name.getBytes(StandardCharsets.US_ASCII));
            Address at = owners.getOrDefault(slot, nodes.getFirst());
            boolean asking = false;
            long began = System.nanoTime();
            boolean watched = watching;
            while (!ended) {
                try {
                    if (!write(key, attempt, at, asking)) {
                        break;
                    }
                    key.acknowledged.add(attempt);
                    done.increment();
                    longestNanos = watched ? Math.max(longestNanos, System.nanoTime() - began) : longestNanos;
                    return;
                } catch (ErrorReply refusal) {
                    String[] words = refusal.getMessage().split(" ");
                    if (words[0].equals("MOVED") || words[0].equals("ASK")) {
                        asking = words[0].equals("ASK");
                        at = Address.parse(words[2]);
                        if (!asking) {
                            owners.put(slot, at);
                        }
                    } else {
                        LockSupport.parkNanos(RETRY_NANOS);
                        if (!words[0].equals("TRYAGAIN")) {
                            break;
                        }
                    }
                } catch (IOException _) {
                    disconnect(at);
                    owners.put(slot, nodes.get(tried++ % nodes.size()));
                    LockSupport.parkNanos(RETRY_NANOS);
                    break;
                }
            }
            // not acknowledged, and perhaps done
            key.uncertain.add(attempt);
        }

        /** Returns whether it counts as acknowledged. */
        private boolean write(Key key, int attempt, Address at, boolean asking) throws IOException {
            Connection connection = connection(at);
            if (asking) {
                connection.call("ASKING");
            }
            connection.call(key.request(attempt));
            return !confirmed || !connection.text("WAIT", 1, WAIT_MS).equals("0");
        }

        private Connection connection(Address address) throws IOException {
            Connection known = connections.get(address);
            if (known == null) {
                known = Connection.open(address, REPLY_TIMEOUT_MS);
                connections.put(address, known);
            }
            return known;
        }

        private void disconnect(Address address) {
            Connection gone = connections.remove(address);
            if (gone != null) {
                closeQuietly(gone);
            }
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (IOException _) {
            // it is given up in any case
        }
    }

    /** How many writes were acknowledged so far. */
    public long count() {
        return done.sum();
    }

    /** Takes note from now on of how long writes take, or does so no more. */
    public void watch(boolean on) {
        if (on) {
            clients.forEach(client -> client.longestNanos = 0);
        }
        watching = on;
    }

    /** The longest time that a write took, redirections included, that began while writes were watched; in ms. */
    public double longestMs() {
        return clients.stream().mapToLong(client -> client.longestNanos).max().orElse(0) / 1e6;
    }

    /** Stops writing. */
    public void stop() {
        ended = true;
        try {
            for (Client client : clients) {
                client.thread.join(JOIN_MS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** What the keys hold that they must not, after {@link #stop}; empty if every acknowledged write is there once. */
    public List<String> faults() throws IOException {
        LockSupport.parkNanos(NEAR_EXPIRY_MS * 1_000_000L * 2);
        List<String> faults = new ArrayList<>();
        Map<Address, Connection> connections = new HashMap<>();
        try {
            for (Client client : clients) {
                for (Key key : client.keys) {
                    String fault = fault(key, connections);
                    if (fault != null) {
                        faults.add(fault);
                    }
                }
            }
        } finally {
            connections.values().forEach(CheckedLoad::closeQuietly);
        }
        return faults;
    }

    private String fault(Key key, Map<Address, Connection> connections) throws IOException {
        Deadline deadline = Deadline.inSeconds(VERIFY_SECONDS);
        Address at = nodes.getFirst();
        while (true) {
            try {
                Connection connection = connections.get(at);
                if (connection == null) {
                    connection = Connection.open(at, REPLY_TIMEOUT_MS * 5);
                    connections.put(at, connection);
                }
                Frame value = connection.call("GET", key.name);
                return key.fault(value, Long.parseLong(connection.text("PTTL", key.name)));
            } catch (ErrorReply refusal) {
                String[] words = refusal.getMessage().split(" ");
                if (deadline.passed()) {
                    throw refusal;
                }
                at = words[0].equals("MOVED") ? Address.parse(words[2]) : at;
                if (!words[0].equals("MOVED")) {
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            } catch (IOException failure) {
                if (deadline.passed()) {
                    throw failure;
                }
                Connection gone = connections.remove(at);
                if (gone != null) {
                    closeQuietly(gone);
                }
                at = nodes.get((nodes.indexOf(at) + 1) % nodes.size());
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }
}
