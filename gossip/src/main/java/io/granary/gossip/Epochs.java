package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.Map;
import java.util.TreeMap;

/**
 * The two counters that order everything. The current epoch is the cluster's logical clock: everybody takes over the
 * greatest that it hears, and an election begins by adding one. The config epoch belongs to one primary and is the
 * version of its claims: of two that claim a slot, the greater one owns it.
 */
final class Epochs {

    private final ClusterState state;
    private final Messages messages;
    private final HigherEpoch higher;

    /** This node's config epoch in each save that is on its way to the disk. */
    private final TreeMap<Long, Long> saving = new TreeMap<>();

    Epochs(ClusterState state, Messages messages, HigherEpoch higher) {
        this.state = state;
        this.messages = messages;
        this.higher = higher;
    }

    /**
     * Takes over what a member says of the time and of its own version. Slots that it has given away since must not be told
     * as its own in the new version.
     */
    void heard(Node sender, BusHeader header) {
        if (header.currentEpoch() > state.currentEpoch) {
            state.currentEpoch = header.currentEpoch();
            state.changedSoft();
        }
        if (header.configEpoch() > sender.configEpoch) {
            sender.configEpoch = header.configEpoch();
            state.abandon(sender.slots().minus(header.slots()), true);
            state.learned(true);
        }
    }

    /**
     * Gives this node the next epoch without asking anybody, unless it has the greatest one already; says whether it did.
     * For an operator who closes a migrated slot: asking a majority for each of thousands of slots would take too long.
     * Two nodes may do so at once; the rule about collisions parts them.
     */
    boolean bump() {
        if (state.epochBound) {
            return false;
        }
        long greatest = Math.max(state.currentEpoch, state.greatestConfigEpoch());
        if (state.myself.configEpoch != 0 && state.myself.configEpoch == greatest) {
            return false;
        }
        state.currentEpoch = greatest + 1;
        state.myself.configEpoch = state.currentEpoch;
        state.notice("New configEpoch set to " + state.myself.configEpoch);
        state.changedDurably();
        return true;
    }

    /** A save begins that holds this node's epoch. */
    void saving(long generation) {
        saving.put(generation, state.myself.configEpoch);
    }

    /** A save was not stored: only a later one can tell that its epoch is. */
    void saveFailed(long generation) {
        saving.headMap(generation, true).clear();
    }

    /**
     * A save is on disk: the epoch in it may be told, and is told to all at once. One that was told before and lost in a
     * crash would be remembered by everybody but its owner, whose claims would then look like those of a ghost from its
     * own past.
     */
    void saved(long generation) {
        Map.Entry<Long, Long> stored = saving.floorEntry(generation);
        if (stored == null) {
            return;
        }
        saving.headMap(generation, true).clear();
        if (stored.getValue() != state.storedConfigEpoch) {
            state.storedConfigEpoch = stored.getValue();
            if (state.storedConfigEpoch == state.myself.configEpoch) {
                state.succeeded = null;
            }
            messages.broadcastClaims();
        }
    }

    /**
     * Parts two primaries that have the same config epoch.
     *
     * <p>BACKGROUND. An election can not give one epoch to two nodes, as each needs a majority and nobody votes twice in
     * an epoch. But epochs are also taken without a vote: {@link #bump} at the end of a migration, a takeover that an
     * operator forces, and the start, where every node of a new cluster has epoch 0 unless it was told another. A
     * failover may just then take the same number. Equal epochs do no harm as long as the nodes own different slots. But
     * "the greater epoch owns the slot" decides nothing between equals: each of two equal claimants would keep its slot
     * for ever, every third node would believe whom it heard first, and clients would write to both. So equals must not
     * last, whatever made them.
     *
     * <p>BEHAVIOR. Of the two, the one with the smaller node id moves: it adds one to the greatest epoch it knows and
     * takes that, as soon as a majority agrees ({@link HigherEpoch}), since a replica of it may just be taking the same
     * number with the votes of a majority. The other one does nothing.
     *
     * <p>WHY IT ENDS. Whoever moves takes a number greater than all that it has heard of, so it leaves the group of
     * equals for good. Of any group of equals the node with the greatest id never moves, and every other one hears sooner
     * or later from somebody in the group with a greater id (each heartbeat carries the epoch). Two that move at the same
     * moment may meet again in the next number; their group is smaller by at least the one that stayed, so after at most
     * as many rounds as there are primaries all are different. If both would move they could chase each other for ever;
     * if none had to, nothing would change.
     *
     * <p>While a hand-over of slots is open, this node stays where it is; nothing is lost, since they meet again.
     *
     * <p>The new number is told to others only when it is on disk (see {@link #saved}).
     */
    void partFrom(Node sender, long senderConfigEpoch) {
        Node me = state.myself;
        if (!me.isPrimary() || !sender.isPrimary() || senderConfigEpoch != me.configEpoch || state.epochBound) {
            return;
        }
        if (sender.id.compareTo(me.id) <= 0) {
            return;
        }
        state.verbose("WARNING: configEpoch collision with node " + sender + " in " + me.configEpoch);
        higher.want();
    }
}
