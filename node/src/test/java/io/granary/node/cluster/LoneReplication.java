package io.granary.node.cluster;

import io.granary.gossip.ReplicationStatus;
import io.granary.gossip.SlotBitmap;
import java.util.function.LongConsumer;

/** The replication of a node that has no data and serves nobody: whatever is ordered is done at once. */
class LoneReplication implements ReplicationOrders {

    @Override
    public ReplicationStatus status() {
        return ReplicationStatus.NONE;
    }

    @Override
    public void promote(Runnable done) {
        done.run();
    }

    @Override
    public void follow(String host, int port) {}

    @Override
    public void pauseWrites(long forMs, LongConsumer told) {
        told.accept(0);
    }

    @Override
    public void resumeWrites() {}

    @Override
    public void lease(long untilNanos) {}

    @Override
    public void leaseForEver() {}

    @Override
    public void leaseLost() {}

    @Override
    public void patience(long ms) {}

    @Override
    public void freeze(SlotBitmap slots) {}

    @Override
    public void thaw(SlotBitmap slots) {}
}
