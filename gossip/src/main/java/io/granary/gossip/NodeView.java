package io.granary.gossip;

import java.util.Set;

/**
 * What this node knows of one node of the cluster at one moment.
 *
 * @param ip the address in use, empty when unknown
 * @param port the client port, {@code tlsPort} the one for TLS (0: none), {@code busPort} the bus's
 * @param hostname announced, empty when none; {@code humanName} likewise
 * @param shard 40 hexadecimal digits
 * @param primary whom it replicates, null for a primary
 * @param pingSentMs unix time of the ping that is not answered yet, 0 when none
 * @param pongReceivedMs unix time of the last pong, 0 when none
 * @param configEpoch its own, or its primary's
 * @param linked whether our link to it is up
 * @param offset its replication offset
 */
public record NodeView(
        NodeId id,
        String ip,
        int port,
        int tlsPort,
        int busPort,
        String hostname,
        String humanName,
        String shard,
        Set<NodeFlag> flags,
        NodeId primary,
        long pingSentMs,
        long pongReceivedMs,
        long configEpoch,
        boolean linked,
        long offset) {

    public boolean is(NodeFlag flag) {
        return flags.contains(flag);
    }

    public boolean isPrimary() {
        return flags.contains(NodeFlag.PRIMARY);
    }
}
