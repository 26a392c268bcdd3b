package io.granary.node.replication.replicas;

import io.granary.node.log.NodeLog;
import io.granary.node.replication.LogReader;
import io.granary.node.replication.ReplicationIds;
import io.granary.node.replication.ReplicationLog;

/** Which replicas may go on where they were. As masterTryPartialResynchronization in Redis's replication.c. */
final class PartialSyncs {

    private final ReplicationLog history;
    private final NodeLog log;

    PartialSyncs(ReplicationLog history, NodeLog log) {
        this.history = history;
        this.log = log;
    }

    /** Where the replica goes on, or null if it needs everything: the reason is logged. */
    LogReader place(ReplicaLink link, String historyId, long next) {
        ReplicationIds known = history.ids();
        if (historyId.startsWith("?")) {
            log.notice("Full resync requested by replica " + link.name());
            return null;
        }
        if (!known.knows(historyId)) {
            log.notice("Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '" + historyId
                    + "', my replication IDs are '" + known.id() + "' and '" + known.previousId() + "')");
            return null;
        }
        if (!known.continues(historyId, next)) {
            log.notice("Partial resynchronization not accepted: Requested offset for second ID was " + next
                    + ", but I can reply up to " + known.previousEnd());
            return null;
        }
        LogReader place = history.reader(next - 1);
        if (place == null) {
            log.notice("Unable to partial resync with replica " + link.name()
                    + " for lack of backlog (Replica request was: " + next + ").");
            if (next > history.offset() + 1) {
                log.warning("Warning: replica " + link.name() + " tried to PSYNC with an offset that is greater than the"
                        + " master replication offset.");
            }
            return null;
        }
        log.notice("Partial resynchronization request from " + link.name() + " accepted. Sending " + place.behind()
                + " bytes of backlog starting from offset " + next + ".");
        return place;
    }
}
