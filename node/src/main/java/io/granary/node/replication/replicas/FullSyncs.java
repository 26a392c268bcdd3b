package io.granary.node.replication.replicas;

import io.granary.node.snapshot.RdbForm;
import io.granary.node.snapshot.RdbStream;
import io.granary.node.snapshot.Snapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The replicas that wait for a full sync, and when one begins: as many as can share a snapshot are sent the same.
 * Those that are sent it as it is made wait a moment for others, since nobody can join later.
 *
 * <p>As shouldStartChildReplication and syncCommand in Redis's replication.c.
 */
final class FullSyncs {

    private final Replicas replicas;
    private final Snapshots snapshots;
    private final Supplier<String> marks;
    private final List<ReplicaLink> waiting = new ArrayList<>();
    /** The latest that has begun, and its snapshot; both null before the first. */
    private FullSync latest;
    private RdbStream snapshot;

    /** @param marks random marks of the end of a snapshot */
    FullSyncs(Replicas replicas, Snapshots snapshots, Supplier<String> marks) {
        this.replicas = replicas;
        this.snapshots = snapshots;
        this.marks = marks;
    }

    synchronized void add(ReplicaLink link) {
        if (latest instanceof FiledSync filed && filed.join(link)) {
            replicas.log().notice("Waiting for end of BGSAVE for SYNC");
            return;
        }
        waiting.add(link);
        if (snapshots.running()) {
            replicas.log().notice("Another snapshot is under way. The one for SYNC is delayed");
        } else if (!due(group())) {
            replicas.log().notice("Delay next BGSAVE for diskless SYNC");
        }
        look();
    }

    /** Begins a full sync if it is time for one. */
    synchronized void look() {
        waiting.removeIf(ReplicaLink::isGone);
        List<ReplicaLink> group = group();
        if (!group.isEmpty() && due(group) && !snapshots.running()) {
            begin(group);
        }
    }

    /** The first that waits, and those that want the same. */
    private List<ReplicaLink> group() {
        return waiting.stream().filter(link -> link.terms().filtered() == waiting.getFirst().terms().filtered()).toList();
    }

    private boolean due(List<ReplicaLink> group) {
        if (group.stream().allMatch(link -> replicas.waitNanos(link) > 0)) {
            return false;
        }
        if (!streams(group)) {
            return true;
        }
        long together = replicas.settings().together();
        long longest = group.stream().mapToLong(link -> replicas.nanos() - link.sinceNanos()).max().orElse(0);
        return together > 0 && group.size() >= together || longest >= replicas.settings().delayNanos();
    }

    private boolean streams(List<ReplicaLink> group) {
        boolean wanted = replicas.settings().diskless() || group.stream().anyMatch(link -> link.terms().filtered());
        return wanted && group.stream().allMatch(link -> link.terms().endMark());
    }

    private void begin(List<ReplicaLink> group) {
        boolean filtered = group.getFirst().terms().filtered();
        boolean streams = streams(group);
        FullSync sync = streams ? new StreamedSync(replicas, group, marks.get()) : new FiledSync(replicas, group, filtered);
        RdbForm form = new RdbForm(RdbForm.REPLICA.version(), !filtered);
        Optional<RdbStream> begun = snapshots.stream(form, sync::cut, sync);
        if (begun.isPresent()) {
            replicas.log().notice("Starting BGSAVE for SYNC with target: " + (streams ? "replicas sockets" : "disk"));
            latest = sync;
            snapshot = begun.get();
            waiting.removeAll(group);
        }
    }

    /** A replica is gone: a snapshot that nobody waits for any more is given up, so that another may begin. */
    synchronized void left() {
        if (latest != null && !latest.isOver() && latest.links().stream().allMatch(ReplicaLink::isGone)) {
            snapshot.abort();
        }
    }

    /** Keeps those that wait from losing patience. */
    synchronized void keepAlive() {
        waiting.forEach(ReplicaLink::keepAlive);
        if (latest instanceof FiledSync && !latest.isOver()) {
            latest.links().forEach(ReplicaLink::keepAlive);
        }
    }
}
