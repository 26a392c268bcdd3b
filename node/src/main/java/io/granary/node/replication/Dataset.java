package io.granary.node.replication;

import io.granary.node.Clock;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.ShadowLoad;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import io.granary.slots.keyspace.Keyspace;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * All data of a node and the history that they are of: which names it has, and whether the data are whole.
 *
 * <p>Data and history change as wholes, and together, while the locks of all slots are held: whoever holds any lock sees
 * both before or both after. Those who follow this node are told of it when the locks are released, since they have to ask
 * again where they may go on.
 */
public final class Dataset {

    private final Keyspace keyspace;
    private final ReplicationLog history;
    private final NodeCondition condition;
    private final Supplier<String> ids;
    private final Clock clock;
    private final NodeLog log;
    private final List<Consumer<String>> onHistoryChange = new CopyOnWriteArrayList<>();

    private volatile boolean synced;
    /** Where the file stood with which this node, a primary, began; null once anything has changed since. */
    private ReplicationPoint begunAt;

    /** @param ids random names for histories, 40 hexadecimal digits each */
    Dataset(
            Keyspace keyspace, ReplicationLog history, NodeCondition condition, Supplier<String> ids, Clock clock,
            NodeLog log) {
        this.keyspace = keyspace;
        this.history = history;
        this.condition = condition;
        this.ids = ids;
        this.clock = clock;
        this.log = log;
    }

    /** Has somebody told when the history got another name or begins anew, so that whoever follows has to ask again. */
    public void onHistoryChange(Consumer<String> told) {
        onHistoryChange.add(told);
    }

    private void tell(String change) {
        onHistoryChange.forEach(told -> told.accept(change));
    }

    ReplicationLog history() {
        return history;
    }

    /** Of a replica: whether its data are whole: by a sync, out of the node's file, or from its time as a primary. */
    boolean synced() {
        return synced;
    }

    /** Whether there is anything to go on with: else the data were thrown away for others that have not come. */
    boolean present() {
        return !condition.emptied();
    }

    private void select(int database) {
        history.appendRaw(MemorySegment.NULL, 0, 0, database);
    }

    // ---- a change of the role; all locks are held ----

    /**
     * Goes on with the history that the node's file has come from. A replica can go on from there, and a primary's replicas
     * can, as in Redis 7.
     */
    void restore(ReplicationPoint point, boolean replica) {
        history.follow(ReplicationIds.of(point.id()), point.offset());
        if (replica) {
            select(point.database());
        } else {
            history.lead(ids.get());
            begunAt = point;
        }
        synced = true;
    }

    /**
     * The node has been a primary and becomes a replica, which may go on where it is: perhaps its new primary has been its
     * replica. Returns whether the history has another name then, of which {@link #tellOfFilesHistory} tells.
     */
    boolean demoted() {
        boolean unchanged = begunAt != null && history.offset() == begunAt.offset();
        if (unchanged) {
            history.follow(ReplicationIds.of(begunAt.id()), begunAt.offset());
        } else if (history.hasHistory()) {
            log.notice("Before turning into a replica, using my own master parameters to synthesize a cached master: I may"
                    + " be able to synchronize with the new master with just a partial transfer.");
            history.follow();
        }
        begunAt = null;
        synced = history.hasHistory();
        return unchanged;
    }

    /** The node becomes a primary, and the history goes on under a new name, of which {@link #tellOfNewName} tells. */
    void promoted() {
        if (history.hasHistory()) {
            history.lead(ids.get());
        }
        condition.emptied(false);
    }

    // ---- what is told of it; no lock is held ----

    void tellOfFilesHistory() {
        tell("this node goes on with the history of its file");
    }

    void tellOfNewName() {
        if (history.hasHistory()) {
            log.notice("Setting secondary replication ID to " + history.ids().previousId() + ", valid up to offset: "
                    + history.ids().previousEnd() + ". New replication ID is " + history.ids().id());
            tell("this node has become a primary, and the history has a new name");
        }
    }

    // ---- what a primary sends, and DEBUG; takes the locks ----

    /** Throws data and history away, to make room for the primary's, if the link still counts. */
    boolean makeRoom(BooleanSupplier current) {
        keyspace.lockAll();
        try {
            if (!current.getAsBoolean()) {
                return false;
            }
            condition.emptied(true);
            synced = false;
            history.giveUp(ids.get());
            keyspace.replaceBy(keyspace.shadow(), clock.unixMs());
        } finally {
            keyspace.unlockAll();
        }
        tell("all data of this node make room for its master's");
        return true;
    }

    /** The stream goes on where this node is, if the link still counts; {@code newId} is null if the name stays. */
    boolean goesOn(BooleanSupplier current, String newId) {
        keyspace.lockAll();
        try {
            if (!current.getAsBoolean()) {
                return false;
            }
            if (newId != null) {
                history.rename(newId);
            }
            synced = true;
        } finally {
            keyspace.unlockAll();
        }
        if (newId != null) {
            log.notice("Master replication ID changed to " + newId);
            tell("the master's history has a new name");
        }
        return true;
    }

    /** Puts the primary's data and history in the place of this node's, if the link still counts. */
    boolean swapIn(BooleanSupplier current, ShadowLoad data, LoadedRdb rdb, Handshake.Step.FullSync place) {
        keyspace.lockAll();
        try {
            if (!current.getAsBoolean()) {
                return false;
            }
            data.swapIn(() -> {
                history.follow(ReplicationIds.of(place.id()), place.offset());
                select(rdb.replication() == null ? 0 : rdb.replication().database());
                synced = true;
                condition.filled();
            });
        } finally {
            keyspace.unlockAll();
        }
        tell("all data of this node were replaced by its master's");
        return true;
    }

    /** Gives the history a name that nobody knows, so that nobody can go on with it: for tests. */
    public void changeId() {
        keyspace.lockAll();
        try {
            history.renameAlone(ids.get());
        } finally {
            keyspace.unlockAll();
        }
    }
}
