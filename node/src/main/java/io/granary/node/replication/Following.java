package io.granary.node.replication;

import io.granary.node.client.PrimaryConnector;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.ShadowLoad;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * This node's adherence to one primary: link after link, until it turns away.
 *
 * <p>A link that is lost after a while is made again at once, then after a tenth of a second, and so on up to a second. What
 * cannot be mended by asking again soon (a broken snapshot, a stream with a command that this node does not have) is tried
 * after a quarter of a second, then after twice as long each time, since a full sync costs the primary much. What was
 * applied stays, whatever comes, unless {@code repl-diskless-load} has it thrown away for a snapshot that is known to be
 * whole.
 */
final class Following implements LinkOwner {

    private static final long SOON_MS = 100;
    private static final long SOON_MS_MAX = 1000;
    private static final long AFTER_FAULT_MS = 250;
    private static final long AFTER_FAULT_MS_MAX = 32_000;

    /** A link that was up for so long was no failure. */
    private static final long STEADY_MS = 60_000;

    private final Replication replication;
    private final Dataset dataset;
    private final String host;
    private final int port;
    private final PrimaryConnector connector;
    private final ScheduledExecutorService executor;
    private final PrimarySettings settings;
    private final NodeLog log;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private volatile PrimaryLink link;
    private volatile boolean stopped;
    /** When the latest link came up; 0 while none is up. */
    private volatile long upSinceNanos;
    private volatile boolean up;
    private boolean takesOver;
    private boolean needsAll;
    private long faultOffset = -1;
    private int soon;
    private int faults;
    private String told = "";
    /** Whether the log has it that all data are needed: once is enough for all attempts. */
    private boolean saidNothingKnown;

    /** @param takesOver whether the other node is asked to become the primary first */
    Following(
            Replication replication, Dataset dataset, String host, int port, boolean takesOver, PrimaryConnector connector,
            ScheduledExecutorService executor, PrimarySettings settings, NodeLog log) {
        this.replication = replication;
        this.dataset = dataset;
        this.host = host;
        this.port = port;
        this.takesOver = takesOver;
        this.connector = connector;
        this.executor = executor;
        this.settings = settings;
        this.log = log;
    }

    // ---- from any thread ----

    /** Begins with the first link. */
    void start() {
        log.notice("Connecting to MASTER " + host + ":" + port);
        later(0);
    }

    /** Turns away. What that returns is complete when no link, and no thread of one, is left. */
    CompletableFuture<Void> stop() {
        PrimaryLink open;
        synchronized (this) {
            stopped = true;
            open = link;
        }
        if (open == null) {
            over.complete(null);
        } else {
            open.close();
        }
        return over;
    }

    /** The snapshot that is coming in, or null. */
    SnapshotTransfer transfer() {
        PrimaryLink open = link;
        return open == null ? null : open.transfer();
    }

    /** How long the primary of a link that is up has been silent, in milliseconds; -1 while none is up. */
    long silentMs() {
        PrimaryLink open = link;
        return up && open != null ? open.silentMs() : -1;
    }

    /** How long ago the primary has sent something of a snapshot, in milliseconds. */
    long transferSilentMs() {
        PrimaryLink open = link;
        return open == null ? 0 : open.silentMs();
    }

    // ---- link after link ----

    private void later(long delayMs) {
        try {
            executor.schedule(this::connect, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            // the node ends
            over.complete(null);
        }
    }

    private void connect() {
        InetSocketAddress address = new InetSocketAddress(host, port);
        PrimaryLink next;
        synchronized (this) {
            if (stopped) {
                over.complete(null);
                return;
            }
            Handshake handshake = new Handshake(settings.introduction(), wish());
            next = new PrimaryLink(this, connector, handshake, replication.clock(), settings::timeoutMs);
            link = next;
        }
        if (address.isUnresolved()) {
            ended(next, new LinkEnd(LinkEnd.Kind.LOST, "the address of " + host + " is not known"));
            return;
        }
        replication.reached(this, LinkPhase.CONNECTING);
        next.open(address);
    }

    /** Where this node wishes to go on. */
    private Handshake.Wish wish() {
        ReplicationLog history = dataset.history();
        boolean knows = !needsAll && history.hasHistory();
        if (knows) {
            log.notice("Trying a partial resynchronization (request " + history.ids().id() + ":" + (history.offset() + 1)
                    + ").");
        } else if (!saidNothingKnown) {
            log.notice("Partial resynchronization not possible (no cached master)");
        }
        saidNothingKnown = !knows;
        return new Handshake.Wish(knows ? history.ids().id() : null, history.offset() + 1, takesOver);
    }

    @Override
    public void ended(PrimaryLink ended, LinkEnd end) {
        long delayMs;
        boolean rejected;
        synchronized (this) {
            boolean wasUp = up;
            long upMs = wasUp ? TimeUnit.NANOSECONDS.toMillis(replication.clock().nanos() - upSinceNanos) : 0;
            up = false;
            link = null;
            if (stopped) {
                over.complete(null);
                return;
            }
            faults = upMs > STEADY_MS ? 0 : faults;
            soon = upMs > SOON_MS_MAX ? 0 : soon;
            delayMs = delayMs(end, wasUp, upMs);
            tell(end, wasUp, delayMs);
            rejected = takesOver && (end.kind() == LinkEnd.Kind.LATER || end.kind() == LinkEnd.Kind.FAULT);
        }
        replication.reached(this, LinkPhase.CONNECT);
        if (rejected) {
            replication.takeOverRejected(this);
        }
        later(delayMs);
    }

    private long delayMs(LinkEnd end, boolean wasUp, long upMs) {
        return switch (end.kind()) {
            case LOST, LATER, SUPERSEDED -> upMs > SOON_MS_MAX ? 0 : Math.min(SOON_MS_MAX, SOON_MS << Math.min(soon++, 10));
            case FAULT, NEEDS_FULL_SYNC -> {
                long offset = replication.offset();
                // the same place twice: perhaps the data as a whole can be had where the stream cannot
                needsAll |= end.kind() == LinkEnd.Kind.NEEDS_FULL_SYNC || wasUp && offset == faultOffset;
                faultOffset = offset;
                yield Math.min(AFTER_FAULT_MS_MAX, AFTER_FAULT_MS << Math.min(faults++, 10));
            }
        };
    }

    /** One line when something goes wrong, and none while it goes on being wrong in the same way. */
    private void tell(LinkEnd end, boolean wasUp, long delayMs) {
        boolean fault = end.kind() == LinkEnd.Kind.FAULT || end.kind() == LinkEnd.Kind.NEEDS_FULL_SYNC;
        if (fault) {
            log.warning("MASTER " + host + ":" + port + ": " + end.reason() + (dataset.present()
                    ? "; the data stay as they are" : "; there are no data now") + ". Trying again in " + delayMs + " ms");
        } else if (wasUp) {
            log.notice("Connection with master lost: " + end.reason());
            log.notice("Reconnecting to MASTER " + host + ":" + port);
        } else if (!end.reason().equals(told)) {
            log.notice("MASTER " + host + ":" + port + ": " + end.reason());
        } else {
            log.verbose("MASTER " + host + ":" + port + ": " + end.reason());
        }
        told = end.reason();
    }

    // ---- what a link tells ----

    @Override
    public boolean current(PrimaryLink asking) {
        return !stopped && link == asking && replication.isCurrent(this);
    }

    @Override
    public void reached(PrimaryLink by, LinkPhase phase) {
        synchronized (this) {
            if (link != by) {
                return;
            }
            if (phase == LinkPhase.CONNECTED) {
                up = true;
                upSinceNanos = replication.clock().nanos();
                told = "";
                saidNothingKnown = false;
            }
        }
        replication.reached(this, phase);
    }

    @Override
    public void accepted(PrimaryLink by) {
        boolean asked;
        synchronized (this) {
            asked = takesOver;
            takesOver = false;
        }
        if (asked) {
            replication.takenOver(this);
        }
    }

    @Override
    public boolean goesOn(PrimaryLink by, String id) {
        return dataset.goesOn(() -> current(by), id);
    }

    @Override
    public SnapshotIntake intake() {
        return replication.intake();
    }

    @Override
    public boolean makeRoom(PrimaryLink by) {
        return dataset.makeRoom(() -> current(by));
    }

    @Override
    public boolean swapIn(PrimaryLink by, ShadowLoad data, LoadedRdb rdb, Handshake.Step.FullSync place) {
        boolean swapped = dataset.swapIn(() -> current(by), data, rdb, place);
        if (swapped) {
            synchronized (this) {
                needsAll = false;
                faultOffset = -1;
            }
            log.notice("MASTER <-> REPLICA sync: Finished with success, " + rdb.keys() + " keys in " + rdb.bytes()
                    + " bytes");
        }
        return swapped;
    }

    @Override
    public int streamDatabase() {
        return Math.max(0, dataset.history().database());
    }

    @Override
    public long offset() {
        return replication.offset();
    }

    @Override
    public void applied(MemorySegment bytes, long from, long length, int database) {
        dataset.history().appendRaw(bytes, from, length, database);
    }

    @Override
    public void appliedSome() {
        dataset.history().wake();
    }

    @Override
    public void erred(String command, String error) {
        replication.erred(command, error);
    }

    @Override
    public void notice(String line) {
        log.notice(line);
    }
}
