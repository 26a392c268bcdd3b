package io.granary.node.replication.replicas;

/** What is known of how far a replica is. */
interface ReplicaProgress {

    /** Whether it has all data and is sent the log. */
    boolean isOnline();

    /** How far it says it is. */
    long ackedOffset();

    /** Seconds since it was heard, 0 before it is online. */
    long lagSeconds();
}
