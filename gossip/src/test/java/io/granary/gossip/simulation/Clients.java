package io.granary.gossip.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Clients that write to whoever believes to be the primary of a slot, again and again; some want to hear that all replicas
 * have the write. A node does what it is to do: it makes the write if it leads and has not paused its writes, and tells the
 * client a little later, if it holds the lease in that moment.
 */
final class Clients {

    private static final long WRITE_MS_MAX = 40;

    /** From the write to its acknowledgement at most; the acknowledgement of a replica takes as long. */
    private static final long REPLY_MS_MAX = 5;

    private static final int WAITING_LIMIT = 16;

    private record Write(int index, long id, int incarnation) {}

    private final Simulation simulation;
    private final NoAcknowledgedWriteLost promise;
    private final RandomGenerator random;
    private final List<Deque<Write>> waiting = new ArrayList<>();
    private boolean stopped;

    Clients(Simulation simulation, NoAcknowledgedWriteLost promise) {
        this.simulation = simulation;
        this.promise = promise;
        this.random = simulation.random();
    }

    /** Begins to write to every node of every shard. */
    void start() {
        for (int shard = 0; shard < promise.shards(); shard++) {
            for (SimulatedNode node : promise.members(shard)) {
                Deque<Write> writes = new ArrayDeque<>();
                waiting.add(writes);
                next(node, shard, writes);
            }
        }
    }

    void stop() {
        stopped = true;
    }

    private void next(SimulatedNode node, int shard, Deque<Write> writes) {
        simulation.timeline().in(1 + random.nextLong(WRITE_MS_MAX), () -> {
            if (!stopped) {
                if (node.fate() == SimulatedNode.Fate.RUNNING) {
                    write(node, shard, writes);
                    lookForReplicas(node, shard, writes);
                }
                next(node, shard, writes);
            }
        });
    }

    private void write(SimulatedNode node, int shard, Deque<Write> writes) {
        SimulatedReplication replication = node.replication();
        if (!node.view().isMine(promise.slot(shard)) || !node.view().ok() || !replication.isWritable()) {
            return;
        }
        Write write = new Write(replication.writes().size(), random.nextLong(), node.incarnation());
        replication.write(write.id);
        reply(node, shard, write, false);
        if (writes.size() == WAITING_LIMIT) {
            writes.removeFirst();
        }
        writes.addLast(write);
    }

    /**
     * The node is told by all its replicas that they have a write, those of other shards that came to it too, and tells the
     * client.
     */
    private void lookForReplicas(SimulatedNode node, int shard, Deque<Write> writes) {
        while (!writes.isEmpty() && allHave(node, shard, writes.getFirst())) {
            reply(node, shard, writes.removeFirst(), true);
        }
    }

    private boolean allHave(SimulatedNode node, int shard, Write write) {
        for (SimulatedNode other : simulation.nodes()) {
            boolean replica = promise.members(shard).contains(other) || other.replication().aims(node);
            boolean has = other.replication().has(write.index, write.id)
                    && (other == node || other.isAlive() && other.replication().follows(node));
            if (replica && !has) {
                return false;
            }
        }
        return true;
    }

    private void reply(SimulatedNode node, int shard, Write write, boolean onAll) {
        simulation.timeline().in(1 + random.nextLong(REPLY_MS_MAX), () -> node.act(() -> {
            boolean same = node.incarnation() == write.incarnation && node.replication().has(write.index, write.id);
            boolean leads = node.view().isMine(promise.slot(shard)) && node.replication().isPrimary();
            if (same && leads && node.holdsLease()) {
                promise.acknowledges(node, shard, write.index, write.id, onAll);
            }
        }));
    }
}
