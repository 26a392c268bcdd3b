package io.granary.gossip.wire;

import io.granary.gossip.NodeId;
import io.granary.gossip.SlotGrant;

/** What a heartbeat may say about its sender beyond the fixed header. */
public sealed interface PingExtension {

    record Hostname(String name) implements PingExtension {}

    record HumanName(String name) implements PingExtension {}

    /** A node that was forgotten, and for how many seconds nobody shall add it again. */
    record ForgottenNode(NodeId id, long ttlS) implements PingExtension {}

    /** 40 hexadecimal digits. */
    record ShardId(String id) implements PingExtension {}

    /** Slots that the sender is granting, or another one of which it knows that; only told among nodes of this kind. */
    record Granted(SlotGrant grant) implements PingExtension {}
}
