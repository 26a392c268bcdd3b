package io.granary.gossip;

import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The table of slots: who owns each, and which of them their owners have stopped to claim. Slots come and go in sets, since
 * a hand-over or a failover moves thousands at once.
 */
final class SlotOwners {

    private final Node[] owners = new Node[ClusterView.SLOTS];

    /**
     * Slots whose owner has stopped claiming them without another having come forward. Who forgot that would tell them as
     * its in an epoch in which it never had them, so it is stored.
     */
    private final BitSet abandoned = new BitSet(ClusterView.SLOTS);

    private int owned;
    private long changes;

    /** The owner of a slot, null for nobody. */
    Node of(int slot) {
        return owners[slot];
    }

    /** The owners of these slots, in the order of the first that each has. */
    Set<Node> of(SlotBitmap slots) {
        Set<Node> found = new LinkedHashSet<>();
        slots.forEachRange((first, end) -> {
            Node before = null;
            for (int slot = first; slot < end; slot++) {
                Node owner = owners[slot];
                if (owner != before && owner != null) {
                    found.add(owner);
                }
                before = owner;
            }
        });
        return found;
    }

    /** Whether every slot has one. */
    boolean isComplete() {
        return owned == ClusterView.SLOTS;
    }

    /** Moves on whenever a slot changes its owner. */
    long changes() {
        return changes;
    }

    /** Gives slots to a node; returns whether somebody had any of them. */
    boolean assign(SlotBitmap slots, Node node) {
        boolean taken = take(slots);
        node.gain(slots);
        fill(slots, node);
        owned += slots.size();
        return taken;
    }

    /** Gives slots to nobody; returns whether somebody had any of them. */
    boolean release(SlotBitmap slots) {
        boolean taken = take(slots);
        if (taken) {
            fill(slots, null);
        }
        return taken;
    }

    private boolean take(SlotBitmap slots) {
        Set<Node> losers = of(slots);
        for (Node loser : losers) {
            SlotBitmap part = loser.slots().and(slots);
            loser.lose(part);
            owned -= part.size();
        }
        abandoned.andNot(slots.toBitSet());
        return !losers.isEmpty();
    }

    private void fill(SlotBitmap slots, Node node) {
        slots.forEachRange((first, end) -> Arrays.fill(owners, first, end, node));
        changes++;
    }

    boolean isAbandoned(int slot) {
        return abandoned.get(slot);
    }

    SlotBitmap abandoned() {
        return SlotBitmap.of(abandoned);
    }

    /** The owners of slots claim them no more, or again; returns whether that was news. */
    boolean abandon(SlotBitmap slots, boolean areAbandoned) {
        int before = abandoned.cardinality();
        if (areAbandoned) {
            abandoned.or(slots.toBitSet());
        } else {
            abandoned.andNot(slots.toBitSet());
        }
        return abandoned.cardinality() != before;
    }
}
