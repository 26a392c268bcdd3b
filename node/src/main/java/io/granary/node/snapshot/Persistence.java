package io.granary.node.snapshot;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.Disk;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** How a node's data is kept beyond its life and handed to others, wired. */
public final class Persistence implements AutoCloseable {

    private final Snapshots snapshots;
    private final Saves saves;
    private final Loading loading;

    /**
     * @param changes how many changes there were since the start
     * @param position where the replication log stands, asked with all slots locked; null where there is none
     */
    public Persistence(
            SnapshotServices services, Disk disk, NodeLog log, Configuration configuration, LongSupplier changes,
            Supplier<ReplicationPoint> position) {
        snapshots = new Snapshots(services);
        EndMark mark = new EndMark(disk, () -> configuration.path("dbfilename"));
        saves = new Saves(snapshots, disk, mark, services.clock(), log, configuration, changes, position);
        services.keyspace().onFlush(saves::flushed);
        loading = new Loading(services, disk, mark, log, configuration);
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    public Saves saves() {
        return saves;
    }

    public Loading loading() {
        return loading;
    }

    /** Gives up what is under way; no thread of a snapshot is left when this returns. */
    @Override
    public void close() {
        snapshots.close();
    }
}
