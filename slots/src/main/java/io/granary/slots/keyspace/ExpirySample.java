package io.granary.slots.keyspace;

/** What a step of active expiry has looked at; added up over stores, and used again. */
final class ExpirySample {

    /** Records with an expiry that were looked at. */
    int looked;

    /** How many of them had expired and were removed. */
    int expired;

    /** Buckets that were looked at. */
    int buckets;

    /** The sum of the times to live of those that had not expired. */
    long ttlSumMs;

    void clear() {
        looked = 0;
        expired = 0;
        buckets = 0;
        ttlSumMs = 0;
    }
}
