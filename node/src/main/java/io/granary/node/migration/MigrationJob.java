package io.granary.node.migration;

import io.granary.gossip.NodeId;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is known and told of one move on one of its two nodes.
 *
 * <p>Its end is decided once: whoever asks for it first.
 */
final class MigrationJob {

    /** What this node does. */
    enum Operation { EXPORT, IMPORT }

    /**
     * What a move is.
     *
     * @param name 40 hexadecimal digits
     * @param slots not to be changed
     */
    record Plan(String name, SlotSet slots, NodeId source, NodeId target) {

        /** As told to operators: {@code 0-10 12-12}. */
        String ranges() {
            return slots.ranges().stream().map(range -> range.first() + "-" + range.last()).collect(Collectors.joining(" "));
        }

        List<SlotRange> rangeList() {
            return slots.ranges();
        }
    }

    private final Plan plan;
    private final Operation operation;
    private final String ranges;
    private final long createdMs;
    private volatile long updatedMs;
    private volatile long heardMs;
    private volatile JobState state;
    private volatile String message = "";
    private volatile long copiedBytes;
    private volatile long waitingBytes;

    MigrationJob(Plan plan, Operation operation, JobState state, long nowMs) {
        this.plan = plan;
        this.operation = operation;
        this.ranges = plan.ranges();
        this.state = state;
        createdMs = nowMs;
        updatedMs = nowMs;
        heardMs = nowMs;
    }

    Plan plan() {
        return plan;
    }

    String name() {
        return plan.name();
    }

    SlotSet slots() {
        return plan.slots();
    }

    Operation operation() {
        return operation;
    }

    String ranges() {
        return ranges;
    }

    long createdMs() {
        return createdMs;
    }

    /** When the state has changed last. */
    long updatedMs() {
        return updatedMs;
    }

    /** When the other node was heard last. */
    long heardMs() {
        return heardMs;
    }

    JobState state() {
        return state;
    }

    /** Why the job has ended as it has; empty if there is nothing to say. */
    String message() {
        return message;
    }

    /** What was copied out of the way of writers, at the most at a time, in bytes. */
    long copiedBytes() {
        return copiedBytes;
    }

    /** Bytes that the source has yet to send. */
    long waitingBytes() {
        return waitingBytes;
    }

    void waiting(long bytes) {
        waitingBytes = bytes;
        copiedBytes = Math.max(copiedBytes, bytes);
    }

    void heard(long nowMs) {
        heardMs = nowMs;
    }

    /** Goes on to a state, unless the job has ended. */
    synchronized boolean reach(JobState next, long nowMs) {
        if (state.isFinal()) {
            return false;
        }
        state = next;
        updatedMs = nowMs;
        return true;
    }

    /** Ends the job; false if it has ended. */
    synchronized boolean end(JobState last, String why, long nowMs) {
        if (state.isFinal()) {
            return false;
        }
        message = why;
        waitingBytes = 0;
        return reach(last, nowMs);
    }

    /** For the log. */
    @Override
    public String toString() {
        return "{name: " + name() + ", operation: " + operation + ", "
                + (operation == Operation.EXPORT ? "target_node_id: " + plan.target() : "source_node_id: " + plan.source())
                + ", slots: " + ranges + "}";
    }
}
