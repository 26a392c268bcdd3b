package io.granary.gossip;

import java.util.BitSet;

/**
 * Slots of this node's shard that another has taken, and whose keys are to be deleted therefore.
 *
 * <p>Where that is somebody of this node's own shard, they are not deleted at once: this primary has been replaced, and is
 * about to follow its successor, though it may hear of the last of its slots a little later. Then replication decides what
 * the keys are worth; and deletions would be writes that nobody else has, so that this node would seem to have more
 * data than its siblings, and the next election could crown it with none.
 */
final class LostSlots {

    private final BitSet lost = new BitSet(ClusterView.SLOTS);

    /** Those that a successor has taken, and since when. */
    private final BitSet succeeded = new BitSet(ClusterView.SLOTS);

    private long succeededMs;

    /** Slots that this replica's primary has lost to another shard: it deletes their keys, or whoever succeeds it does. */
    private final BitSet byPrimary = new BitSet(ClusterView.SLOTS);

    /** Keys of these slots are to be deleted here. */
    void add(SlotBitmap slots) {
        lost.or(slots.toBitSet());
    }

    void addSucceeded(SlotBitmap slots, long nowMs) {
        succeeded.or(slots.toBitSet());
        succeededMs = nowMs;
    }

    /** Those that a successor has taken, where the last was taken before that time. */
    SlotBitmap takeSucceeded(long beforeMs) {
        if (succeeded.isEmpty() || succeededMs >= beforeMs) {
            return SlotBitmap.EMPTY;
        }
        SlotBitmap taken = SlotBitmap.of(succeeded);
        succeeded.clear();
        return taken;
    }

    void addByPrimary(SlotBitmap slots) {
        byPrimary.or(slots.toBitSet());
    }

    /** These have come to this node. */
    void foundHere(SlotBitmap slots) {
        lost.andNot(slots.toBitSet());
        succeeded.andNot(slots.toBitSet());
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

    /** What was added with this input is taken back, and what has waited is forgotten: this node follows another. */
    void keep() {
        lost.clear();
        succeeded.clear();
    }

    /** Those whose keys are to be deleted now. */
    int[] take() {
        int[] slots = lost.stream().toArray();
        lost.clear();
        return slots;
    }
}
