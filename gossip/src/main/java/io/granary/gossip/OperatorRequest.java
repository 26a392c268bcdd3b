package io.granary.gossip;

/** A change that an operator asks for with a CLUSTER command; checked and answered by the machine. */
public sealed interface OperatorRequest {

    /** {@code host} is an address literal; the ports are unchecked, so that the error can name them. */
    record Meet(String host, long port, long busPort) implements OperatorRequest {}

    /** Slot numbers are in range, in the order of the command; repetitions are refused here. */
    record AddSlots(int[] slots) implements OperatorRequest {}

    /** As {@link AddSlots}. */
    record DelSlots(int[] slots) implements OperatorRequest {}

    /** Refused by the caller while the node holds keys. */
    record FlushSlots() implements OperatorRequest {}

    /** {@code id} as the operator wrote it. */
    record Forget(String id) implements OperatorRequest {}

    /** Not negative, the caller sees to that. */
    record SetConfigEpoch(long epoch) implements OperatorRequest {}

    /** Answers {@code BUMPED n} or {@code STILL n}. */
    record BumpEpoch() implements OperatorRequest {}

    /** Refused by the caller while a primary holds keys. */
    record Reset(boolean hard) implements OperatorRequest {}

    record SaveConfig() implements OperatorRequest {}

    /** Answers the number of failure reports. */
    record CountFailureReports(String id) implements OperatorRequest {}

    /** {@code keysHeld}: whether this node holds keys. */
    record Replicate(String id, boolean keysHeld) implements OperatorRequest {}

    record Failover(FailoverKind kind) implements OperatorRequest {}

    /** How a replica takes over from its primary. */
    enum FailoverKind {
        /** The primary pauses its writes until the replica has them all. */
        AGREED,
        /** The primary is not asked, since it may be down; the other primaries are. */
        FORCE,
        /** Nobody is asked. */
        TAKEOVER
    }

    record SetSlotMigrating(int slot, String target) implements OperatorRequest {}

    record SetSlotImporting(int slot, String source) implements OperatorRequest {}

    record SetSlotStable(int slot) implements OperatorRequest {}

    /** {@code keysLeft}: whether this node still holds keys of the slot. */
    record SetSlotNode(int slot, String owner, boolean keysLeft) implements OperatorRequest {}

    /** Asks whether a request about a slot (SETSLOT) would be refused, and changes nothing. */
    record Rehearse(OperatorRequest request) implements OperatorRequest {}

    /** To a replica: its primary is about to do this, a request about a slot (SETSLOT). Never refused. */
    record FromPrimary(OperatorRequest request) implements OperatorRequest {}

    /**
     * The steps in which two primaries hand over slots whose data has been copied; see {@link HandOver}. They take as long
     * as others take to answer, and are answered when what they did is on disk.
     */
    sealed interface HandOverStep extends OperatorRequest {

        /** The job's name, 40 hexadecimal digits, chosen by the source. */
        String job();
    }

    /**
     * To the target, before data comes and again when it is complete: these slots will come from {@code source}. Answers the
     * config epoch in which this node would claim them. What is being imported is on disk from the first answer on, also
     * over a restart ({@link HandOvers.Import}), until {@link ClaimSlots} or {@link ForgetImport}.
     */
    record PrepareClaim(String job, SlotBitmap slots, NodeId source) implements HandOverStep {}

    /**
     * To the source, which lets no write to these slots begin meanwhile, when {@code target} has all their data and has said
     * in which epoch it will claim them. Once this is answered with OK, and over a restart, these slots are {@linkplain
     * HandOvers#frozen frozen}. Whoever leads the target's shard is then asked to {@link ClaimSlots} until it answers for
     * good. After an error nothing is granted, and writes may go on unless the view says that the slots are frozen. Refused
     * while another grant of this node is open.
     */
    record GrantSlots(String job, SlotBitmap slots, NodeId target, long epoch) implements HandOverStep {}

    /**
     * To the source, when the target has said that it will not claim the slots (it has answered {@link ClaimSlots} with
     * {@code NOCLAIM}), or when an operator who knows that the target is gone for good says so. OK once writes to the slots
     * are safe here again and the view says so; at once if nothing was granted. An error leaves the grant open.
     */
    record RevokeGrant(String job) implements HandOverStep {}

    /**
     * To the source, when the target has answered {@link ClaimSlots} with OK: the keys, which are kept so far though the
     * view may name another owner, are dropped with this or as soon as the view does.
     */
    record EndGrant(String job) implements HandOverStep {}

    /**
     * To the target, when the source has granted, as often as one likes. OK: the slots are this node's, and writes may begin
     * since the view says so. {@code NOCLAIM ...}: this node does not claim them for this job and never will. Any other
     * error says nothing; ask again. Also answered for a job that is not known here: OK if the slots are owned here anyway,
     * or have gone on from here since.
     */
    record ClaimSlots(String job, SlotBitmap slots, NodeId source, long epoch) implements HandOverStep {}

    /** To the target: nothing will come any more, and what has come is gone. Refused while a claim is under way. */
    record ForgetImport(String job) implements HandOverStep {}
}
