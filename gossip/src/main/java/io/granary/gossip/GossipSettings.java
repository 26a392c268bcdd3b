package io.granary.gossip;

/**
 * What the machine takes from the configuration.
 *
 * @param nodeTimeoutMs cluster-node-timeout
 * @param requireFullCoverage cluster-require-full-coverage
 * @param port the client port that others are told, {@code tlsPort} likewise (0: none), {@code busPort} the bus's
 * @param tlsCluster tls-cluster: the bus then announces the TLS port first
 * @param announceIp cluster-announce-ip, empty when others shall use the address that they see
 * @param hostname cluster-announce-hostname, {@code humanName} cluster-announce-human-nodename; empty when none
 * @param replicas what is about replicas
 */
public record GossipSettings(
        long nodeTimeoutMs,
        boolean requireFullCoverage,
        int port,
        int tlsPort,
        int busPort,
        boolean tlsCluster,
        String announceIp,
        String hostname,
        String humanName,
        ReplicaSettings replicas) {

    /** Redis's defaults for a node on a port. */
    public static GossipSettings onPort(int port) {
        return new GossipSettings(15000, true, port, 0, port + 10000, false, "", "", "", ReplicaSettings.DEFAULT);
    }

    public GossipSettings withNodeTimeoutMs(long timeoutMs) {
        return new GossipSettings(
                timeoutMs,
                requireFullCoverage,
                port,
                tlsPort,
                busPort,
                tlsCluster,
                announceIp,
                hostname,
                humanName,
                replicas);
    }

    public GossipSettings withReplicas(ReplicaSettings newReplicas) {
        return new GossipSettings(
                nodeTimeoutMs,
                requireFullCoverage,
                port,
                tlsPort,
                busPort,
                tlsCluster,
                announceIp,
                hostname,
                humanName,
                newReplicas);
    }
}
