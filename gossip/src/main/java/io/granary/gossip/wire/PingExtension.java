package io.granary.gossip.wire;

import io.granary.gossip.NodeId;

/** What a heartbeat may say about its sender beyond the fixed header. */
public sealed interface PingExtension {

    record Hostname(String name) implements PingExtension {}

    record HumanName(String name) implements PingExtension {}

    /** A node that was forgotten, and for how many seconds nobody shall add it again. */
    record ForgottenNode(NodeId id, long ttlS) implements PingExtension {}

    /** 40 hexadecimal digits. */
    record ShardId(String id) implements PingExtension {}
}
