package io.granary.gossip;

import java.util.BitSet;

/** Slots of this node's shard that another has taken, and whose keys are to be deleted therefore. */
final class LostSlots {

    private final BitSet lost = new BitSet(ClusterView.SLOTS);

    /** Slots that this replica's primary has lost to another shard: it deletes their keys, or whoever succeeds it does. */
    private final BitSet byPrimary = new BitSet(ClusterView.SLOTS);

    /** Keys of these slots are to be deleted here. */
    void add(SlotBitmap slots) {
        lost.or(slots.toBitSet());
    }

    void addByPrimary(SlotBitmap slots) {
        byPrimary.or(slots.toBitSet());
    }

    /** These have come to this node. */
    void foundHere(SlotBitmap slots) {
        lost.andNot(slots.toBitSet());
        foundInShard(slots);
    }

    /** These have come to this node, or to its primary. */
    void foundInShard(SlotBitmap slots) {
        byPrimary.andNot(slots.toBitSet());
    }

    SlotBitmap byPrimary() {
        return SlotBitmap.of(byPrimary);
    }

    void forgetPrimary() {
        byPrimary.clear();
    }

    /** What was added with this input is taken back. */
    void keep() {
        lost.clear();
    }

    /** Those whose keys are to be deleted now. */
    int[] take() {
        int[] slots = lost.stream().toArray();
        lost.clear();
        return slots;
    }
}
