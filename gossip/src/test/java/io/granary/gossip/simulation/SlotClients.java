package io.granary.gossip.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;

/** As {@link Clients}, but for single slots that move from node to node. */
final class SlotClients {

    private static final long WRITE_MS_MAX = 150;
    private static final long REPLY_MS_MAX = 5;
    private static final int WAITING_LIMIT = 16;

    private record Write(int index, long id, int incarnation) {}

    private final Simulation simulation;
    private final SlotWrites writes;
    private final HandOverKeepsWrites promise;
    private final SlotMoves moves;
    private final RandomGenerator random;
    private boolean stopped;

    SlotClients(Simulation simulation, SlotWrites writes, HandOverKeepsWrites promise, SlotMoves moves) {
        this.simulation = simulation;
        this.writes = writes;
        this.promise = promise;
        this.moves = moves;
        this.random = simulation.random();
    }

    void start() {
        for (int slot : promise.slots()) {
            for (SimulatedNode node : simulation.nodes()) {
                next(node, slot, new ArrayDeque<>());
            }
        }
    }

    void stop() {
        stopped = true;
    }

    private void next(SimulatedNode node, int slot, Deque<Write> waiting) {
        simulation.timeline().in(1 + random.nextLong(WRITE_MS_MAX), () -> {
            if (!stopped) {
                if (node.fate() == SimulatedNode.Fate.RUNNING) {
                    write(node, slot, waiting);
                    while (!waiting.isEmpty() && allHave(node, waiting.getFirst())) {
                        reply(node, slot, waiting.removeFirst(), true);
                    }
                }
                next(node, slot, waiting);
            }
        });
    }

    /** Whether a write to the slot may begin on this node. */
    boolean isWritable(SimulatedNode node, int slot) {
        return HandOverKeepsWrites.serves(node, slot) && node.view().ok() && node.replication().isWritable()
                && !moves.isPaused(node, slot);
    }

    private void write(SimulatedNode node, int slot, Deque<Write> waiting) {
        if (!isWritable(node, slot)) {
            return;
        }
        Write write = new Write(node.replication().writes().size(), writes.write(slot), node.incarnation());
        node.replication().write(write.id);
        reply(node, slot, write, false);
        if (waiting.size() == WAITING_LIMIT) {
            waiting.removeFirst();
        }
        waiting.addLast(write);
    }

    private boolean allHave(SimulatedNode node, Write write) {
        for (SimulatedNode member : promise.shardOf(node)) {
            boolean has = member.replication().has(write.index, write.id)
                    && (member == node || member.isAlive() && member.replication().follows(node));
            if (!has) {
                return false;
            }
        }
        return true;
    }

    private void reply(SimulatedNode node, int slot, Write write, boolean onAll) {
        simulation.timeline().in(1 + random.nextLong(REPLY_MS_MAX), () -> node.act(() -> {
            boolean same = node.incarnation() == write.incarnation && node.replication().has(write.index, write.id);
            if (same && node.view().isMine(slot) && node.replication().isPrimary() && node.holdsLease()) {
                promise.acknowledges(node, slot, write.id, onAll);
            }
        }));
    }
}
