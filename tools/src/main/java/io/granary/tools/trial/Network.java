package io.granary.tools.trial;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network between the nodes of a trial: a gate before every port of a node, which the node announces as its own, and
 * rules which node's bytes do not reach which other node. Clients of the tests pass.
 *
 * <p>A gate learns who has dialled from what is said first: a frame of the bus begins with the sender's name, a replica
 * tells its primary the port it listens on. A rule then holds for both ends of the connection, whoever has dialled, and for
 * one direction of it at a time, so a cut can be one-way.
 */
public final class Network implements AutoCloseable {

    /** What becomes of the bytes from one node to another. */
    enum Fate {
        /** They arrive. */
        PASS,
        /** They are lost without a word: the connection stays open, and is broken off when the network heals. */
        DROP,
        /** They arrive when the network heals, as those of a TCP connection that outlives a cut. */
        HOLD
    }

    /** No node: a client, or a connection that has not said yet whose it is. */
    static final int STRANGER = -1;

    private record Direction(int from, int to) {}

    private final List<Gate> gates = new ArrayList<>();
    private final Map<String, Integer> nodes = new ConcurrentHashMap<>();
    private final Map<Direction, Fate> fates = new ConcurrentHashMap<>();
    private final Set<Passage> passages = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /** Opens a gate before a port; returns the port to announce. */
    int open(int node, int port) throws IOException {
        Gate gate = new Gate(this, node, port);
        gates.add(gate);
        return gate.port();
    }

    /** What a connection of this node is recognized by: its name on the bus, or the port that it tells its primary. */
    void introduce(int node, String mark) {
        nodes.put(mark, node);
    }

    int nodeOf(String mark) {
        return nodes.getOrDefault(mark, STRANGER);
    }

    // ---- rules

    /** From now on nothing reaches any of {@code to} from any of {@code from}. */
    public void cut(Collection<Integer> from, Collection<Integer> to) {
        rule(from, to, Fate.DROP);
    }

    /** From now on what any of {@code from} sends to any of {@code to} arrives when the network heals. */
    public void hold(Collection<Integer> from, Collection<Integer> to) {
        rule(from, to, Fate.HOLD);
    }

    private synchronized void rule(Collection<Integer> from, Collection<Integer> to, Fate fate) {
        for (int sender : from) {
            for (int receiver : to) {
                fates.put(new Direction(sender, receiver), fate);
            }
        }
    }

    /** Everybody reaches everybody again. */
    public void heal() {
        synchronized (this) {
            fates.clear();
            notifyAll();
        }
        passages.stream().filter(Passage::hasHole).forEach(Passage::close);
    }

    Fate fate(int from, int to) {
        return fates.getOrDefault(new Direction(from, to), Fate.PASS);
    }

    /** Waits until bytes pass in this direction; false if the network was closed meanwhile. */
    synchronized boolean awaitPassage(int from, int to) throws InterruptedException {
        while (!closed && fate(from, to) != Fate.PASS) {
            wait();
        }
        return !closed;
    }

    // ---- connections

    /** Also where the network is closed just now: then the passage is, too. */
    void entered(Passage passage) {
        passages.add(passage);
        if (isClosed()) {
            passage.close();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    void left(Passage passage) {
        passages.remove(passage);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        gates.forEach(Gate::close);
        passages.forEach(Passage::close);
    }
}
