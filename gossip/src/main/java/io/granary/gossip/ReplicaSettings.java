package io.granary.gossip;

/**
 * What the machine takes from the configuration about replicas.
 *
 * @param validityFactor cluster-replica-validity-factor: how many node timeouts old the data of a replica may be that
 *     stands for election, 0 for any age
 * @param noFailover cluster-replica-no-failover
 * @param migrationBarrier cluster-migration-barrier: how many replicas a primary keeps when one of them leaves for a
 *     primary that has none
 * @param allowMigration cluster-allow-replica-migration
 * @param pingPeriodMs repl-ping-replica-period in milliseconds: so long a healthy primary may be silent to its replica
 */
public record ReplicaSettings(
        long validityFactor, boolean noFailover, int migrationBarrier, boolean allowMigration, long pingPeriodMs) {

    /** Redis's defaults. */
    public static final ReplicaSettings DEFAULT = new ReplicaSettings(10, false, 1, true, 10_000);
}
