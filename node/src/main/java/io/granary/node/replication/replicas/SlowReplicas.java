package io.granary.node.replication.replicas;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a replica that cannot follow from asking for one full sync after the other, each of which ends as the last
 * did.
 *
 * <h2>Background</h2>
 * A replica that is further behind than {@code client-output-buffer-limit} allows is dropped. It comes back; what it
 * needs has left the backlog, so it gets a full sync; while that is sent and loaded, the log grows again, and if it
 * grows beyond the limit before the replica is online, the replica is dropped again, without having come any further.
 * Nothing in the protocol ends this.
 *
 * <h2>Behaviour</h2>
 * Each time a replica is dropped for being behind, it may be twice as far behind the next time, up to {@value
 * #ALLOWANCE_MAX} times the limit. From then on it has to wait before its next full sync begins, each time twice as
 * long. One that has kept up for a minute is as good as new.
 *
 * <h2>Why it ends</h2>
 * The bytes written while a snapshot is sent and loaded are the same each time, give or take; doubling reaches them
 * after a few rounds. Where they are more than the bound, the link is slower than the writers for good, no limit
 * would help, and the waits leave the primary time to serve others.
 */
final class SlowReplicas {

    private static final long ALLOWANCE_MAX = 4;
    private static final long FIRST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int WAITS_DOUBLED_MAX = 6;
    private static final long GOOD_AFTER_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Replicas that are remembered: more than anybody has. */
    private static final int REMEMBERED_MAX = 256;

    private final Map<String, Record> records = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Record> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /**
     * What is remembered of a replica.
     *
     * @param allowance how many times the limit it may be behind
     * @param waits how often it had to wait
     */
    private record Record(long allowance, int waits, long droppedNanos) {}

    /** How many times the limit a replica may be behind. */
    synchronized long allowance(String name) {
        Record known = records.get(name);
        return known == null ? 1 : known.allowance();
    }

    /** Notes that a replica was dropped for being behind. */
    synchronized void dropped(String name, long nowNanos) {
        Record known = records.getOrDefault(name, new Record(1, 0, nowNanos));
        boolean atBound = known.allowance() >= ALLOWANCE_MAX;
        records.put(name, new Record(
                atBound ? known.allowance() : known.allowance() * 2, known.waits() + (atBound ? 1 : 0), nowNanos));
    }

    /** How long a replica has to wait for its full sync yet, in nanoseconds. */
    synchronized long waitNanos(String name, long nowNanos) {
        Record known = records.get(name);
        if (known == null || known.waits() == 0) {
            return 0;
        }
        long wait = FIRST_WAIT_NANOS << Math.min(known.waits() - 1, WAITS_DOUBLED_MAX);
        return Math.max(0, wait - (nowNanos - known.droppedNanos()));
    }

    /** Forgets a replica that has kept up since. */
    synchronized void keepsUp(String name, long sinceNanos, long nowNanos) {
        if (nowNanos - sinceNanos > GOOD_AFTER_NANOS) {
            records.remove(name);
        }
    }
}
