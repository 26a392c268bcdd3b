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
}
