package io.granary.gossip;

import io.granary.gossip.wire.BusMessage;

/**
 * Everything that can happen to the machine. A link is one connection and has one number that is never used twice: the
 * machine numbers those that it asks for with {@link Output.Connect} upwards from 1, the driver those that it accepts
 * downwards from -1.
 */
public sealed interface Input {

    /** The first input of all: the machine answers with its first save, its first view and its first connections. */
    record Started() implements Input {}

    /** Time has passed; given ten times a second. */
    record Tick() implements Input {}

    /** The connection that {@link Output.Connect} asked for stands; {@code localIp} is our end of it. */
    record LinkUp(long link, String localIp) implements Input {}

    /**
     * This node has started without all the data that it had: nothing was kept, or a snapshot that may be older than its
     * last write. Given behind {@link Started}, and behind {@link Replicated} with the offset of what it has, 0 for nothing.
     */
    record StartedBehind() implements Input {}

    /** A link is gone, or could not be made; {@code refused} when the peer's host answered that nobody listens. */
    record LinkDown(long link, boolean refused) implements Input {}

    /** A peer has connected to us. */
    record Accepted(long link, String peerIp, String localIp) implements Input {}

    /** A message that was whole and well-formed has come in on a link. */
    record Received(long link, BusMessage message) implements Input {}

    /** An operator asks for a change; answered by {@link Output.Answer} with the same number. */
    record Asked(long number, OperatorRequest request) implements Input {}

    /** Settings have changed. */
    record Reconfigured(GossipSettings settings) implements Input {}

    /** The save of this generation, and with it every earlier one, is stored; on disk for good where it had to be synced. */
    record Saved(long generation) implements Input {}

    /**
     * Where the replication of this node stands: given before each tick, and as soon as what {@link Output.AwaitOffset} asks
     * for has come true.
     */
    record Replicated(ReplicationStatus status) implements Input {}

    /** Writes stand still as {@link Output.PauseWrites} wanted, and the stream ends at {@code offset} as long as they do. */
    record WritesPaused(long offset) implements Input {}

    /** The save of this generation could not be stored. */
    record SaveFailed(long generation, String reason) implements Input {}
}
