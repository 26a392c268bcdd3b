package io.granary.gossip;

/** A change that an operator asks for with a CLUSTER command; checked and answered by the machine. */
public sealed interface OperatorRequest {

    record Meet(String host, int port, int busPort) implements OperatorRequest {}

    record AddSlots(int[] slots) implements OperatorRequest {}

    record DelSlots(int[] slots) implements OperatorRequest {}

    /** Refused by the caller while the node holds keys. */
    record FlushSlots() implements OperatorRequest {}

    record Forget(NodeId id) implements OperatorRequest {}

    record SetConfigEpoch(long epoch) implements OperatorRequest {}

    record BumpEpoch() implements OperatorRequest {}

    /** {@code empty}: whether the node holds no keys. */
    record Reset(boolean hard) implements OperatorRequest {}

    record SaveConfig() implements OperatorRequest {}

    /** Answers the number of failure reports. */
    record CountFailureReports(NodeId id) implements OperatorRequest {}

    record SetSlotMigrating(int slot, NodeId target) implements OperatorRequest {}

    record SetSlotImporting(int slot, NodeId source) implements OperatorRequest {}

    record SetSlotStable(int slot) implements OperatorRequest {}

    /** {@code keysLeft}: whether this node still holds keys of the slot. */
    record SetSlotNode(int slot, NodeId owner, boolean keysLeft) implements OperatorRequest {}
}
