package io.granary.gossip;

import java.util.List;

/**
 * What a view shows of slots that change hands between two primaries; see {@link HandOver}.
 *
 * @param grants at most one
 * @param frozen slots of this node to which no write may begin for now: granted away, or claimed and not yet confirmed
 */
public record HandOvers(List<Grant> grants, List<Import> imports, SlotBitmap frozen) {

    /** Nothing changes hands. */
    public static final HandOvers NONE = new HandOvers(List.of(), List.of(), SlotBitmap.EMPTY);

    /** How an answer begins that says that the slots will never be claimed for the job. */
    public static final String NO_CLAIM = "NOCLAIM";

    public HandOvers {
        grants = List.copyOf(grants);
        imports = List.copyOf(imports);
    }

    /**
     * This node, the source, has given these slots out of its hands, and does not know yet what has become of that: their
     * keys are kept, whoever owns them. It may be from before a restart, or of a predecessor: then ask whoever leads the
     * target's shard.
     */
    public record Grant(String job, SlotBitmap slots, NodeId target, long epoch) {}

    /**
     * This node, the target, takes the data of these slots, which it does not own.
     *
     * @param stale from before a restart: what has come is to be deleted, then {@link OperatorRequest.ForgetImport}
     */
    public record Import(String job, SlotBitmap slots, NodeId source, boolean stale) {}

    /** Whether nothing changes hands: the common case. */
    public boolean none() {
        return this == NONE;
    }
}
