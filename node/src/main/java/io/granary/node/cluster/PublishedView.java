package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.SlotBitmap;
import io.granary.node.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The view of the cluster that every thread but the bus's goes by, and what must not happen before that is shown. While this
 * node is being promoted it shows the old view: with the new one it would be sent writes, and refuse them. Changed on the
 * bus's thread only.
 */
final class PublishedView {

    /** How long keys are kept of a slot that was lost to another node while it was on its way. */
    private static final long OPEN_KEPT_MS = 10_000;

    /** Does something on the bus's thread, later. */
    interface Later {
        void run(Runnable task, long delayMs);
    }

    private final Consumer<int[]> dropKeys;
    private final Later later;
    private final Clock clock;
    private int promotions;
    /** Slots whose keys are to be deleted as soon as this node is a primary, and may change data. */
    private final List<int[]> droppedWhenPromoted = new ArrayList<>();
    private ClusterView latest;
    /** Slots that were on their way from here in the view before the latest. */
    private Set<Integer> wereMigrating = Set.of();
    private SlotBitmap frozen = SlotBitmap.EMPTY;
    private volatile ClusterView view;
    /** Notified of each new view. */
    private final Object published = new Object();

    /** @param dropKeys told of slots whose keys are to be deleted; may take its time */
    PublishedView(Consumer<int[]> dropKeys, Later later, Clock clock) {
        this.dropKeys = dropKeys;
        this.later = later;
        this.clock = clock;
    }

    /** From any thread; null before the first. */
    ClusterView view() {
        return view;
    }

    /** Waits until the cluster looks as wanted, at most for a time; how it looks then. Not for the bus's thread. */
    ClusterView await(Predicate<ClusterView> wanted, long mostMs) throws InterruptedException {
        long begunNanos = clock.nanos();
        ClusterView seen = view;
        while (!wanted.test(seen)) {
            synchronized (published) {
                long leftMs = mostMs - TimeUnit.NANOSECONDS.toMillis(clock.nanos() - begunNanos);
                if (view == seen && leftMs > 0) {
                    published.wait(leftMs);
                } else if (view == seen) {
                    return seen;
                }
            }
            seen = view;
        }
        return seen;
    }

    void publish(ClusterView next, ReplicationOrders replication) {
        wereMigrating = latest == null ? Set.of() : latest.migrating().keySet();
        latest = next;
        if (promotions == 0) {
            show(replication);
        }
    }

    private void show(ReplicationOrders replication) {
        SlotBitmap now = latest.handOvers().frozen();
        boolean holds = !now.isEmpty() || !frozen.isEmpty();
        if (holds) {
            replication.freeze(now);
        }
        view = latest;
        synchronized (published) {
            published.notifyAll();
        }
        if (holds) {
            replication.thaw(now);
        }
        frozen = now;
    }

    /** Has this node promoted, and shows what is published meanwhile when it is. */
    void promote(ReplicationOrders replication) {
        promotions++;
        replication.promote(() -> later.run(() -> {
            promotions--;
            publish(latest, replication);
            droppedWhenPromoted.forEach(dropKeys);
            droppedWhenPromoted.clear();
        }, 0));
    }

    /**
     * Deletes the keys of slots that are another's. What a slot that was on its way to another node still holds may be all
     * there is: redis-cli, asked to fix a move that was cut short, lets the other node claim the slot and then has the keys
     * fetched, for which it marks the slot here. That mark is waited for.
     */
    void drop(int[] slots) {
        int[] closed = Arrays.stream(slots).filter(slot -> !wereMigrating.contains(slot)).toArray();
        if (promotions == 0) {
            dropKeys.accept(closed);
        } else {
            droppedWhenPromoted.add(closed);
        }
        int[] open = Arrays.stream(slots).filter(wereMigrating::contains).toArray();
        if (open.length > 0) {
            later.run(() -> dropKeys.accept(open), OPEN_KEPT_MS);
        }
    }
}
