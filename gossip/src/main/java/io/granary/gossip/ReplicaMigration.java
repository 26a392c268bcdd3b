package io.granary.gossip;

/**
 * When this replica leaves its primary, which has others, for a primary that has lost its last one
 * (clusterHandleSlaveMigration in Redis's cluster_legacy.c; "Replica migration" in the cluster specification): so a few
 * spare replicas anywhere are spares for the whole cluster.
 *
 * <p>Nobody is asked, each replica decides for itself by what all of them see: an orphan owns slots, has had a replica,
 * and has had none that works for {@link #DELAY_MS}, which leaves the replicas of a failover time to say whom they follow
 * now. The replica that moves is the one with the smallest name of those whose primary has the most working replicas, if
 * that primary keeps at least cluster-migration-barrier of them. Views may differ for a moment, so two may move at once;
 * that does no harm.
 */
final class ReplicaMigration {

    private static final long DELAY_MS = 5000;

    private final ClusterState state;
    private final OwnRole role;

    ReplicaMigration(ClusterState state, OwnRole role) {
        this.state = state;
        this.role = role;
    }

    void tick() {
        Node mine = state.myself.primary;
        ReplicaSettings settings = state.settings.replicas();
        if (mine == null || !settings.allowMigration()) {
            return;
        }
        countReplicas();
        Node orphan = noticeOrphans();
        int siblings = mine.workingReplicas;
        boolean spare = siblings > Math.max(settings.migrationBarrier(), 1);
        if (orphan != null && state.ok && spare && isCandidate(siblings)) {
            state.notice("Migrating to orphaned master " + orphan);
            role.follow(orphan);
        }
    }

    private void countReplicas() {
        for (Node node : state.nodes()) {
            node.workingReplicas = 0;
        }
        for (Node node : state.nodes()) {
            if (isWorkingReplica(node)) {
                node.primary.workingReplicas++;
            }
        }
    }

    /** Notes how long each primary is an orphan; the first one that has been long enough, or null. */
    private Node noticeOrphans() {
        Node first = null;
        for (Node node : state.nodes()) {
            boolean orphan = node.isVoter() && !node.is(NodeFlag.FAIL) && node.hadReplicas && node.workingReplicas == 0;
            node.orphanedMs = !orphan ? 0 : node.orphanedMs == 0 ? state.nowMs : node.orphanedMs;
            if (first == null && orphan && state.nowMs - node.orphanedMs > DELAY_MS) {
                first = node;
            }
        }
        return first;
    }

    /** Whether no primary has more working replicas than ours, and no replica of those that have as many a smaller name. */
    private boolean isCandidate(int most) {
        for (Node node : state.nodes()) {
            if (!isWorkingReplica(node) || node.primary.is(NodeFlag.FAIL)) {
                continue;
            }
            int siblings = node.primary.workingReplicas;
            if (siblings > most || siblings == most && node.id.compareTo(state.myself.id) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWorkingReplica(Node node) {
        return node.primary != null && !node.isFailing();
    }
}
