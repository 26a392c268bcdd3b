package io.granary.node.cluster;

import io.granary.gossip.ReplicationStatus;
import io.granary.gossip.SlotBitmap;
import java.util.function.LongConsumer;

/**
 * What the cluster's machine orders about replication, and asks of it. Called on the bus's thread, so nothing here waits.
 */
interface ReplicationOrders {

    /** Where replication stands. */
    ReplicationStatus status();

    /** Makes this node a primary; behind earlier orders, before later ones. {@code done} is told then, on any thread. */
    void promote(Runnable done);

    /** Makes this node a replica of the primary with this client port; behind earlier orders, before later ones. */
    void follow(String host, int port);

    /** Pauses writes, and tells the offset at which the stream stands still then, on any thread. */
    void pauseWrites(long forMs, LongConsumer told);

    void resumeWrites();

    /** Lets writes be acknowledged until a moment of the monotonic clock. */
    void lease(long untilNanos);

    /** Lets writes be acknowledged whenever. */
    void leaseForEver();

    /** Lets no write be acknowledged, also none that was made before. */
    void leaseLost();

    /** Called now and then: no client shall wait longer than that for the lease. */
    void patience(long ms);

    /** Whether this node started without all the data that it had; asked once. */
    default boolean startedBehind() {
        return false;
    }

    /** A primary that started so may serve what it has, replicas too; nobody has more. */
    default void serveBehind() {}

    /** No write to these slots may begin from now on, besides those of earlier orders; a view follows that shows it. */
    void freeze(SlotBitmap slots);

    /** Writes to all slots but these may go on, by the view that is shown now. */
    void thaw(SlotBitmap slots);
}
