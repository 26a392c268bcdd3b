package io.granary.gossip;

import io.granary.gossip.wire.BusMessage;

/** Everything that can happen to the machine. Links are numbers that the driver gives out, never used twice. */
public sealed interface Input {

    /** Time has passed; given ten times a second. */
    record Tick() implements Input {}

    /** The connection that {@link Output.Connect} asked for stands; {@code localIp} is our end of it. */
    record LinkUp(long link, String localIp) implements Input {}

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

    /** A save that was asked for could not be stored. */
    record SaveFailed(String reason) implements Input {}
}
