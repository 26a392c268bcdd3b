package io.granary.node.replication.replicas;

import io.granary.node.replication.LogReader;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;

/**
 * A full sync by way of a file, for replicas that have to know the length before, or on request. Whoever comes while
 * the file is written may still share it.
 */
final class FiledSync extends FullSync {

    private final boolean filtered;
    private SnapshotFile file;

    /** @param filtered whether the snapshot holds no keys */
    FiledSync(Replicas replicas, List<ReplicaLink> links, boolean filtered) {
        super(replicas, links);
        this.filtered = filtered;
    }

    /** Takes one more replica in; false if it is too late for that, or it wants another snapshot. */
    synchronized boolean join(ReplicaLink link) {
        boolean open = !isOver() && point() != null && file != null && filtered == link.terms().filtered()
                && point().id().equals(replicas().history().ids().id());
        LogReader place = open ? replicas().history().reader(point().offset()) : null;
        if (place == null) {
            return false;
        }
        links().add(link);
        link.announce(point().id(), point().offset(), place);
        return true;
    }

    @Override
    public void chunk(ByteBuf bytes) throws IOException {
        try {
            if (file == null) {
                SnapshotFile made = SnapshotFile.create(replicas().settings().folder());
                announce();
                opened(made);
            }
            requireSomebody();
            file.write(bytes);
        } finally {
            bytes.release();
        }
    }

    private synchronized void opened(SnapshotFile made) {
        file = made;
    }

    @Override
    public synchronized void done() {
        end();
        links().forEach(link -> link.sendFile(file.retain()));
        file.release();
    }

    @Override
    public synchronized void failed(Throwable reason) {
        if (file != null) {
            file.release();
        }
        super.failed(reason);
    }
}
