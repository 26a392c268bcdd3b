package io.granary.gossip.wire;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;

/**
 * What a heartbeat says about a third node.
 *
 * @param pingSentS unix time in seconds of the sender's unanswered ping to it, 0 when none
 * @param pongReceivedS unix time in seconds of its last pong to the sender, 0 when none
 * @param ip empty when unknown
 * @param port the client port; with tls-cluster the one for TLS
 * @param secondPort the other one of the two, 0 when there is none
 * @param flags bits of {@link NodeFlag}; others are masked
 * @param contestedEpoch the last election that is known in which another node of its shard got a vote, 0 when none; the
 *     node's word counts for nothing until it has a greater config epoch. Only told among nodes of this kind
 */
public record GossipEntry(
        NodeId id,
        long pingSentS,
        long pongReceivedS,
        String ip,
        int port,
        int secondPort,
        int busPort,
        int flags,
        long contestedEpoch) {

    /** An entry that tells of no election. */
    public GossipEntry(
            NodeId id, long pingSentS, long pongReceivedS, String ip, int port, int secondPort, int busPort, int flags) {
        this(id, pingSentS, pongReceivedS, ip, port, secondPort, busPort, flags, 0);
    }

    public boolean is(NodeFlag flag) {
        return (flags & flag.bit()) != 0;
    }
}
