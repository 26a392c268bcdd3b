package io.granary.node.dispatch;

import io.granary.slots.command.Effects;
import io.granary.slots.keyspace.Keyspace;
import java.util.Arrays;

/**
 * Where the effects of a unit go: into the node's one history, and to those who follow the changes of some slots for a
 * while, each in the order in which the data of a slot changes.
 *
 * <p>Commands see one log, and ask one plain field whether anybody reads it: it changes with the history and with who
 * follows slots, while all locks are held. So a node that nobody follows, whole or in part, pays for that one read.
 */
public final class Propagation implements UnitLog {

    private final UnitLog history;
    private boolean active;
    private SlotFollower[] followers = {};

    /** Who is told of the changes of some slots. */
    public interface SlotFollower {

        /** Whether the changes of a slot are wanted. The slot's lock is held. */
        boolean follows(int slot);

        /** Takes a unit, as {@link UnitLog#append}: it must neither wait nor do I/O. */
        void append(Effects unit);
    }

    /** @param history its owner tells with {@link #historyChanged} when its {@link UnitLog#active} changes */
    public Propagation(UnitLog history) {
        this.history = history;
        historyChanged();
    }

    @Override
    public boolean active() {
        return active;
    }

    /** The offset is that of the history, whoever else was told. */
    @Override
    public long append(Effects unit) {
        long offset = history.active() ? history.append(unit) : 0;
        int slot = unit.slot();
        for (SlotFollower each : followers) {
            if (slot != Effects.NO_SLOT && each.follows(slot)) {
                each.append(unit);
            }
        }
        return offset;
    }

    @Override
    public void wake() {
        history.wake();
    }

    /** The history is written to from now on, or not any more. All locks are held. */
    public void historyChanged() {
        active = history.active() || followers.length > 0;
    }

    /** Has somebody told of changes from now on. All locks are held. */
    public void follow(SlotFollower follower) {
        followers = Arrays.copyOf(followers, followers.length + 1);
        followers[followers.length - 1] = follower;
        historyChanged();
    }

    /** Tells somebody nothing any more; does nothing if that is so already. No lock is held. */
    public void leave(SlotFollower follower, Keyspace keyspace) {
        keyspace.lockAll();
        try {
            followers = Arrays.stream(followers).filter(each -> each != follower).toArray(SlotFollower[]::new);
            historyChanged();
        } finally {
            keyspace.unlockAll();
        }
    }
}
