package io.granary.node.snapshot;

import io.granary.node.Clock;
import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.node.process.StartFailure;
import io.granary.persistence.disk.Disk;
import io.granary.persistence.disk.DiskReason;
import io.granary.persistence.rdb.RdbException;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What a node reads back: its file at the start, and what its primary sends. */
public final class Loading {

    private static final String FATAL = "Fatal error loading the DB, check server logs. Exiting.";

    private final SnapshotServices services;
    private final Disk disk;
    private final Clock clock;
    private final NodeLog log;
    private final Configuration configuration;
    private final EndMark mark;
    private volatile ShadowLoad current;
    private volatile LoadedRdb last;
    private volatile LoadedRdb atStart;
    private volatile LoadNotice notice = LoadNotice.NONE;

    Loading(SnapshotServices services, Disk disk, EndMark mark, NodeLog log, Configuration configuration) {
        this.services = services;
        this.disk = disk;
        this.mark = mark;
        this.log = log;
        this.configuration = configuration;
        clock = services.clock();
    }

    // ---- at the start ----

    /** Whether there is a file with something in it to be read at the start. */
    public boolean hasFile() {
        Path file = file();
        try {
            return disk.exists(file) && disk.size(file) > 0;
        } catch (IOException _) {
            // nobody knows; the attempt to read it will tell why
            return true;
        }
    }

    /**
     * Looks at the node's file before it is read: whether all is in it that this node has ever acknowledged. That is certain
     * of what an orderly end has left. A file that tells of no history is taken as it is, since it could not be compared
     * with what replicas have.
     */
    public FileFacts inspect() {
        if (!hasFile()) {
            return new FileFacts(false, 0);
        }
        ReplicationPoint point = null;
        long bytes = 0;
        try (ReadableByteChannel source = disk.open(file())) {
            bytes = disk.size(file());
            point = LoadedRdb.point(source, bytes);
        } catch (IOException _) {
            // the attempt to read it will tell why
        }
        return point == null ? new FileFacts(true, 0) : new FileFacts(mark.vouchesFor(bytes, point), point.offset());
    }

    /**
     * What is known of a file that was not read yet.
     *
     * @param whole whether nothing was acknowledged that is not in it
     * @param offset where in the history it stands; 0 if that is not known
     */
    public record FileFacts(boolean whole, long offset) {}

    private Path file() {
        return configuration.path("dbfilename");
    }

    /**
     * Reads the node's file, if there is one, into the databases, which are empty.
     *
     * @param replica whether this node follows another, which decides when keys end
     * @param stop asked while it reads whether the node is to end
     * @throws StartFailure if the file cannot be read, is damaged, or holds what this version does not have
     */
    public void start(boolean replica, BooleanSupplier stop) throws StartFailure {
        Path file = file();
        long start = clock.nanos();
        try (ReadableByteChannel source = disk.open(file); ShadowLoad load = shadow(replica, LoadNotice.WAIT)) {
            LoadedRdb loaded = load.load(new StoppableChannel(source, stop), disk.size(file));
            tellProducer(loaded);
            load.swapIn(() -> { });
            atStart = loaded;
            removeMark();
            log.notice("Done loading RDB, keys loaded: " + loaded.keys() + ", keys expired: " + loaded.expired() + ".");
            log.notice(String.format(Locale.ROOT, "DB loaded from disk: %.3f seconds",
                    (double) (clock.nanos() - start) / TimeUnit.SECONDS.toNanos(1)));
        } catch (NoSuchFileException _) {
            removeMark();
            log.verbose("There is no RDB file " + file);
        } catch (StoppableChannel.Stopped _) {
            throw new StartFailure("Received shutdown signal during loading, exiting now.");
        } catch (RdbException refusal) {
            throw new StartFailure("The RDB file " + file + " cannot be loaded: " + refusal.getMessage(), FATAL);
        } catch (IOException failure) {
            throw new StartFailure(
                    "Fatal error: can't open the RDB file " + file + " for reading: " + DiskReason.of(failure), FATAL);
        }
    }

    /** From here on the file may fall behind. */
    private void removeMark() throws StartFailure {
        try {
            mark.remove();
        } catch (IOException failure) {
            throw new StartFailure("Can't remove the mark beside the RDB file " + file() + ": " + DiskReason.of(failure));
        }
    }

    private void tellProducer(LoadedRdb loaded) {
        if (!loaded.producer().isEmpty()) {
            log.notice("Loading RDB produced by version " + loaded.producer());
        }
    }

    /**
     * Reads the node's file while all slots are locked, on this thread.
     *
     * @param replica whether this node follows another
     * @param flush whether the data of the file takes the place of what is there; else it is added
     * @param replacing whether what is added may replace keys that are there
     * @throws IOException if it cannot be read; the data is as it was then
     */
    public void reload(boolean replica, boolean flush, boolean replacing) throws IOException {
        Path file = file();
        try (ReadableByteChannel source = disk.open(file); ShadowLoad load = shadow(replica, LoadNotice.WAIT)) {
            load.load(source, disk.size(file));
            if (flush) {
                load.swapIn(() -> { });
            } else {
                load.mergeIn(replacing);
            }
        }
    }

    /** What the file at the start held and said of itself; null if there was none. */
    public LoadedRdb atStart() {
        return atStart;
    }

    /** Whether there was any key in it. */
    public boolean loadedData() {
        return atStart != null && (atStart.keys() > 0 || atStart.replication() != null && atStart.expired() > 0);
    }

    /**
     * Begins a load into a second set of databases.
     *
     * @param keepExpired whether keys whose time has come are kept, for the primary to remove
     * @param taken what clients notice of it
     */
    public ShadowLoad shadow(boolean keepExpired, LoadNotice taken) {
        notice = taken;
        ShadowLoad load = new ShadowLoad(services, keepExpired, this::ended);
        current = load;
        return load;
    }

    private void ended(ShadowLoad load, LoadedRdb loaded) {
        if (loaded != null) {
            last = loaded;
        }
        if (current == load) {
            current = null;
        }
    }

    /** From here on clients notice that of the load that is under way. */
    public void notice(LoadNotice taken) {
        notice = taken;
    }

    /** What clients notice of the load that is under way. */
    LoadNotice notice() {
        return notice;
    }

    /** The load that is under way, or null. */
    ShadowLoad current() {
        return current;
    }

    /** What was loaded last, or null. */
    LoadedRdb last() {
        return last;
    }
}
