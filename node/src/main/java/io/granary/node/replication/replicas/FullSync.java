package io.granary.node.replication.replicas;

import io.granary.node.replication.LogReader;
import io.granary.node.replication.ReplicationLog;
import io.granary.node.snapshot.ChunkSink;
import io.granary.persistence.rdb.RdbOrigin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One snapshot on its way to the replicas that share it. At the cut each of them gets a place in the log, where it
 * goes on when it has the snapshot.
 *
 * <p>The cut happens on the snapshot's thread with all slots locked, so nothing is sent there; the replicas hear of
 * it with the first bytes.
 */
abstract class FullSync implements ChunkSink {

    private final Replicas replicas;
    private final List<ReplicaLink> links;
    private final List<LogReader> places = new ArrayList<>();
    private RdbOrigin.ReplicationPoint cut;
    private boolean announced;
    private boolean over;

    FullSync(Replicas replicas, List<ReplicaLink> links) {
        this.replicas = replicas;
        this.links = new CopyOnWriteArrayList<>(links);
    }

    Replicas replicas() {
        return replicas;
    }

    /** Those that are still there. */
    List<ReplicaLink> links() {
        return links;
    }

    /** Where the snapshot stands, null before the cut. */
    RdbOrigin.ReplicationPoint point() {
        return cut;
    }

    /** Lets history begin if there is none, and keeps a place in it for each replica. All slots are locked. */
    RdbOrigin.ReplicationPoint cut() {
        ReplicationLog log = replicas.history();
        replicas.backlog().prepare();
        long offset = log.offset();
        for (int i = 0; i < links.size(); i++) {
            places.add(log.reader(offset));
        }
        cut = new RdbOrigin.ReplicationPoint(log.ids().id(), offset, Math.max(0, log.database()));
        return cut;
    }

    /** Tells the replicas where the snapshot stands, when the first bytes of it are there. */
    final synchronized void announce() {
        if (announced) {
            return;
        }
        announced = true;
        for (int i = 0; i < places.size(); i++) {
            links.get(i).announce(cut.id(), cut.offset(), places.get(i));
        }
        places.clear();
        removeGone();
    }

    private void removeGone() {
        links.removeIf(ReplicaLink::isGone);
    }

    /** Stops a snapshot that nobody waits for any more. */
    final void requireSomebody() throws IOException {
        removeGone();
        if (links.isEmpty()) {
            throw new IOException("the last replica that waited for it is gone");
        }
    }

    /** Whether the snapshot has ended, well or not. */
    final synchronized boolean isOver() {
        return over;
    }

    final synchronized void end() {
        over = true;
    }

    @Override
    public void failed(Throwable reason) {
        end();
        places.forEach(LogReader::close);
        places.clear();
        if (links.stream().allMatch(ReplicaLink::isGone)) {
            replicas.log().notice("The snapshot for replicas was given up: " + reason.getMessage());
        } else {
            replicas.log().warning("SYNC failed. The snapshot for replicas ended early: " + reason);
        }
        links.forEach(ReplicaLink::close);
    }
}
