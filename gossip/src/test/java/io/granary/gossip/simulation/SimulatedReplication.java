package io.granary.gossip.simulation;

import io.granary.gossip.Input;
import io.granary.gossip.Output;
import io.granary.gossip.ReplicationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A node's data and how it is copied: a list of writes, which a replica fetches from its primary again and again, as far
 * as the primary has got, in one go from the start if the two have parted. It lives with the
 * process; what was saved of it may outlive it.
 */
final class SimulatedReplication {

    /** How long what a primary has written is on its way to a replica at most; a fetch lasts as long. */
    private static final long LAG_MS_MAX = 10;
    private static final long NEVER = -1;

    private final SimulatedNode node;
    private final Timeline timeline;
    private final SimulatedNetwork network;
    private final RandomGenerator random;
    private List<Long> writes = new ArrayList<>();
    private Output.Follow following;
    private boolean synced = true;
    private boolean stuck;
    private boolean paused;
    private boolean behind;
    private boolean durable;
    private long heardMs;
    private long awaited = -1;
    private int life;
    /** How many writes were saved for sure, -1 if chance is to decide that. */
    private int saved = -1;
    /** Whether it has begun with what was saved, and has met no primary since. */
    private boolean restored;

    SimulatedReplication(SimulatedNode node, Timeline timeline, SimulatedNetwork network, RandomGenerator random) {
        this.node = node;
        this.timeline = timeline;
        this.network = network;
        this.random = random;
    }

    /** The process is gone, and of its data only what is on disk or was saved last is left: often nothing. */
    void forget() {
        int kept = saved >= 0 ? saved : random.nextBoolean() ? random.nextInt(writes.size() + 1) : 0;
        saved = -1;
        life++;
        writes = durable ? writes : new ArrayList<>(writes.subList(0, synced ? kept : 0));
        restored = !writes.isEmpty();
        following = null;
        synced = true;
        paused = false;
        behind = false;
        awaited = -1;
    }

    /** Saves what it has: the next life of its process begins with that. */
    void save() {
        saved = writes.size();
    }

    /** Whether all data outlives the process from now on. */
    void durable(boolean isDurable) {
        durable = isDurable;
    }

    /** The process starts again; says whether without its data, so that it may serve no replica before it is told. */
    boolean startBehind() {
        behind = !durable;
        return behind;
    }

    /** It may serve what it has. */
    void serve() {
        behind = false;
    }

    /** Whether its data has that write at that place. */
    boolean has(int index, long id) {
        return writes.size() > index && writes.get(index) == id;
    }

    /** Whether it holds data that it got from that primary. */
    boolean follows(SimulatedNode primary) {
        return synced && aims(primary);
    }

    /** Whether it is that primary's replica, with data or without. */
    boolean aims(SimulatedNode primary) {
        return following != null && following.primary().equals(primary.id());
    }

    boolean isPaused() {
        return paused;
    }

    /** Whether it gets nothing from its primary though the wires are whole. */
    void stuck(boolean isStuck) {
        stuck = isStuck;
    }

    /** All writes that are in its data, in order. */
    List<Long> writes() {
        return writes;
    }

    boolean isPrimary() {
        return following == null;
    }

    /** Whether a write may begin. */
    boolean isWritable() {
        return following == null && !paused && !behind;
    }

    void write(long id) {
        writes.add(id);
    }

    /** Even without a write there is a beginning, so that a synced replica never says 0. */
    private long offset() {
        return writes.size() + 1;
    }

    ReplicationStatus status() {
        long silenceMs = following == null ? 0 : heardMs < 0 ? Long.MAX_VALUE : timeline.nowMs() - heardMs;
        return new ReplicationStatus(offset(), silenceMs, following == null || synced);
    }

    void promote() {
        behind = false;
        following = null;
        synced = true;
        awaited = -1;
        life++;
    }

    void follow(Output.Follow primary) {
        boolean another = following == null || !following.primary().equals(primary.primary());
        following = primary;
        behind = false;
        synced &= !another || restored;
        heardMs = another ? NEVER : heardMs;
        restored = false;
        life++;
        fetch(life);
    }

    private void fetch(int ofLife) {
        timeline.in(1 + random.nextLong(LAG_MS_MAX), () -> {
            if (ofLife == life) {
                fetchNow();
                fetch(ofLife);
            }
        });
    }

    private void fetchNow() {
        if (stuck || node.fate() != SimulatedNode.Fate.RUNNING) {
            return;
        }
        SimulatedNode primary = network.nodeAt(following.host(), following.port());
        if (primary == null || primary.fate() != SimulatedNode.Fate.RUNNING || primary.replication().behind
                || !network.connects(node, primary)) {
            return;
        }
        List<Long> theirs = primary.replication().writes;
        // no two histories have the same write in one place, unless all before it is the same
        boolean continues = synced
                && (writes.isEmpty() || primary.replication().has(writes.size() - 1, writes.getLast()));
        if (continues) {
            writes.addAll(theirs.subList(writes.size(), theirs.size()));
        } else {
            writes = new ArrayList<>(theirs);
        }
        synced = true;
        heardMs = timeline.nowMs();
        if (awaited >= 0 && offset() >= awaited) {
            awaited = -1;
            node.give(new Input.Replicated(status()));
        }
    }

    void await(long offset) {
        awaited = offset;
    }

    /** Writes that are under way come to an end before the pause is told. */
    void pause(long forMs) {
        paused = true;
        int ofLife = life;
        timeline.in(1, () -> {
            if (ofLife == life && paused) {
                node.give(new Input.WritesPaused(offset()));
            }
        });
        timeline.in(forMs, () -> {
            if (ofLife == life) {
                paused = false;
            }
        });
    }

    void resume() {
        paused = false;
    }
}
