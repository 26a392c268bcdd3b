package io.granary.node.replication;

import io.granary.node.client.PrimaryConnector;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.LoadNotice;
import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.Loading;
import io.granary.node.snapshot.ShadowLoad;
import io.granary.slots.keyspace.Keyspace;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.TimeUnit;

/**
 * How the snapshot that a primary sends becomes this node's data: as {@code repl-diskless-load} has it.
 *
 * <p>Either the old data are served until the new are complete, which takes the memory of both, or the snapshot is stored in
 * a file first, read through to the end to see that it is whole and all of it known here, and only then do the old data make
 * room for it: that takes disk space instead of memory, and clients wait while the file is loaded. Either way a snapshot
 * that breaks off or is no good changes nothing.
 *
 * <p>Where clients are to wait, they do not hear of the first {@code loading-process-events-interval-bytes}: Redis looks at
 * nobody while it loads those, so that clients of a small database never see it loading, and do not expect to. Here they are
 * served what was there before.
 */
final class SnapshotIntake {

    /** How long a command may run on after clients were told to wait. */
    private static final long ROUND_MS_MAX = TimeUnit.SECONDS.toMillis(60);

    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final Loading loading;
    private final PrimaryConnector connector;
    private final PrimarySettings settings;
    private final NodeLog log;

    /** Where the new data are while they come. */
    enum Way {
        /** In memory, beside the old, which are served. */
        BESIDE,
        /** In memory; there are no old ones, and clients wait for more than a few. */
        ONTO_NOTHING,
        /** In a file; clients wait while it is loaded in the place of the old, unless it is small. */
        BY_FILE
    }

    /** Whoever decides whether the snapshot is still wanted. Called by the thread that loads. */
    interface Receiver {

        /** The old data may go, since the new are known to be whole. Whether they have gone. */
        boolean makeRoom();

        /** All is loaded: the data may be swapped in. Whether that was done. */
        boolean loaded(ShadowLoad data, LoadedRdb rdb);
    }

    SnapshotIntake(
            Keyspace keyspace, NodeCondition condition, Loading loading, PrimaryConnector connector,
            PrimarySettings settings, NodeLog log) {
        this.keyspace = keyspace;
        this.condition = condition;
        this.loading = loading;
        this.connector = connector;
        this.settings = settings;
        this.log = log;
    }

    /**
     * Takes a snapshot, and blocks meanwhile.
     *
     * @param length how many bytes will come, or {@link io.granary.persistence.rdb.RdbReader#UNKNOWN_LENGTH}
     * @return whether the receiver wanted it
     * @throws IOException with the reason why it is of no use
     */
    boolean take(BytePipe pipe, long length, Receiver receiver) throws IOException {
        try {
            return switch (settings.loadsHow(isEmpty())) {
                case BESIDE -> {
                    condition.loadingBeside(true);
                    yield load(pipe, pipe, length, LoadNotice.BESIDE, receiver);
                }
                case ONTO_NOTHING ->
                    load(new NoticedSource(pipe, settings.unnoticedBytes(), this::haveClientsWait), pipe, length,
                            LoadNotice.NONE, receiver);
                case BY_FILE -> takeByFile(pipe, receiver);
            };
        } finally {
            condition.loadingBeside(false);
            condition.loading(false);
        }
    }

    private boolean isEmpty() {
        long keys = 0;
        for (int database = 0; database < keyspace.databases(); database++) {
            keys += keyspace.size(database);
        }
        return keys == 0;
    }

    private void haveClientsWait() {
        condition.loading(true);
        loading.notice(LoadNotice.WAIT);
    }

    private boolean load(ReadableByteChannel source, BytePipe pipe, long length, LoadNotice notice, Receiver receiver)
            throws IOException {
        log.notice("MASTER <-> REPLICA sync: Loading DB in memory"
                + (notice == LoadNotice.BESIDE ? ", beside the old data" : ""));
        try (ShadowLoad data = loading.shadow(true, notice)) {
            LoadedRdb rdb = data.load(source, length);
            if (rdb.unread().length > 0) {
                throw new IOException("there are bytes behind the end of the RDB");
            }
            pipe.requireEnd();
            return receiver.loaded(data, rdb);
        }
    }

    private boolean takeByFile(BytePipe pipe, Receiver receiver) throws IOException {
        try (ReceivedFile file = ReceivedFile.of(pipe, settings.folder())) {
            if (file.requireLoadable(keyspace.databases()) < settings.unnoticedBytes()) {
                return load(file.reading(), pipe, file.length(), LoadNotice.NONE, receiver);
            }
            condition.loading(true);
            if (!everybodyWaits()) {
                throw new IOException("a command has not ended for " + ROUND_MS_MAX + " ms");
            }
            log.notice("MASTER <-> REPLICA sync: Flushing old data");
            if (!receiver.makeRoom()) {
                return false;
            }
            while (keyspace.reclaim()) {
                pipe.requireWhole();
            }
            return load(file.reading(), pipe, file.length(), LoadNotice.WAIT, receiver);
        }
    }

    /** No command that was let in before may see the data gone. */
    private boolean everybodyWaits() throws IOException {
        try {
            return connector.awaitRound(ROUND_MS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
