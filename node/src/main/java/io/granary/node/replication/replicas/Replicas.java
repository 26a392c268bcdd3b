package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import io.granary.node.client.ClientSession;
import io.granary.node.config.Configuration;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.LogReader;
import io.granary.node.replication.ReplicationIds;
import io.granary.node.replication.ReplicationLog;
import io.granary.node.snapshot.Snapshots;
import io.granary.resp.ReplyWriter;
import io.granary.slots.keyspace.Keyspace;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** All replicas of this node: who they are, what they may ask for, and what is done for them as time goes by. */
public final class Replicas {

    private static final byte[] PING = ascii("*1\r\n$4\r\nPING\r\n");
    private static final byte[] GETACK = ascii("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");
    /** Replicas that keep up say once a second how far they are. */
    private static final long SILENT_SECONDS = 3;
    private static final long POLL_NANOS = 100_000;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReplicationLog history;
    private final Keyspace keyspace;
    private final NodeCondition condition;
    private final Supplier<String> ids;
    private final Clock clock;
    private final NodeLog log;
    private final Supplier<ByteBufAllocator> allocator;
    private final ReplicaSettings settings;
    /** Replaced as a whole, since it is read behind every batch of commands. */
    private volatile ReplicaLink[] links = {};
    private final FullSyncs fullSyncs;
    private final SlowReplicas slow = new SlowReplicas();
    private final Acknowledgements acknowledgements = new Acknowledgements(this::reached);
    private final SyncCounts counts = new SyncCounts();
    /** Whether somebody waits for acknowledgements that nobody was asked for since: see {@link #askForThoseWhoWait}. */
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile long nobodySinceNanos;
    private volatile boolean quiet;
    private volatile boolean refusing;
    private volatile int good;
    private long seconds;
    private long secondNanos;

    /** @param ids random names for histories, 40 hexadecimal digits each */
    public Replicas(
            ReplicationLog history, Snapshots snapshots, Keyspace keyspace, NodeCondition condition, Supplier<String> ids,
            Clock clock, NodeLog log, Supplier<ByteBufAllocator> allocator, Configuration configuration) {
        this.history = history;
        this.keyspace = keyspace;
        this.condition = condition;
        this.ids = ids;
        this.clock = clock;
        this.log = log;
        this.allocator = allocator;
        settings = new ReplicaSettings(configuration);
        fullSyncs = new FullSyncs(this, snapshots, ids);
        nobodySinceNanos = clock.nanos();
        secondNanos = clock.nanos();
        history.onMore(this::wake);
        snapshots.onEnd(fullSyncs::look);
        settings.onGoodChange(this::changed);
        changed();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    ReplicationLog history() {
        return history;
    }

    ReplicaSettings settings() {
        return settings;
    }

    NodeLog log() {
        return log;
    }

    ByteBufAllocator allocator() {
        return allocator.get();
    }

    long nanos() {
        return clock.nanos();
    }

    // ---- what is known of them ----

    /** Those that are connected, in the order in which they came. */
    public List<ReplicaLink> links() {
        return List.of(links);
    }

    /** How many replicas that are online have everything up to an offset. */
    public int reached(long offset) {
        int count = 0;
        for (ReplicaLink link : links) {
            if (link.phase() == ReplicaLink.Phase.ONLINE && link.ackedOffset() >= offset) {
                count++;
            }
        }
        return count;
    }

    /** Where the history ends. */
    public long offset() {
        return history.offset();
    }

    /** Whether every replica that is online has everything up to an offset. */
    public boolean allReached(long offset) {
        for (ReplicaLink link : links) {
            if (link.phase() == ReplicaLink.Phase.ONLINE && link.ackedOffset() < offset) {
                return false;
            }
        }
        return true;
    }

    /** Whether every replica has acknowledged all that was written. */
    public boolean even() {
        return Arrays.stream(links).allMatch(this::even);
    }

    private boolean even(ReplicaLink link) {
        return link.ackedOffset() >= history.offset();
    }

    /** Writes down which replicas lack something, since this node is about to end. */
    public void logHowFar() {
        ReplicaLink[] all = links;
        int even = 0;
        for (ReplicaLink link : all) {
            if (even(link)) {
                even++;
            } else {
                log.notice("Lagging replica " + link.address() + ":" + link.port() + " reported offset "
                        + (history.offset() - link.ackedOffset()) + " behind master, lag=" + link.lagSeconds() + ", state="
                        + link.phase().text() + ".");
            }
        }
        if (all.length > 0) {
            log.notice(even + " of " + all.length + " replicas are in sync when shutting down.");
        }
    }

    /** How many replicas are near enough, if their number matters. */
    public int good() {
        return good;
    }

    /** Whether the number of replicas that are near matters: {@code min-replicas-to-write}. */
    public boolean goodMatters() {
        return settings.goodWanted() > 0;
    }

    /** What was done for them. */
    public SyncCounts counts() {
        return counts;
    }

    // ---- coming and going ----

    /** Makes a client a replica that goes on where it was, if the history allows it, else one that waits for a full sync. */
    void synchronize(ClientSession session, ReplicaTerms terms, String historyId, long next) {
        ReplicaLink link = new ReplicaLink(this, session, terms, false);
        LogReader place = place(link, historyId, next);
        if (place == null) {
            if (!historyId.startsWith("?")) {
                counts.partialRefused();
            }
            fullSync(link);
            return;
        }
        counts.partialBegun();
        log.notice("Partial resynchronization request from " + link.name() + " accepted. Sending " + place.behind()
                + " bytes of backlog starting from offset " + next + ".");
        add(link);
        link.goOn(place, history.ids().id());
    }

    /** Makes a client that came by SYNC a replica that waits for a full sync. */
    void synchronize(ClientSession session, ReplicaTerms terms) {
        fullSync(new ReplicaLink(this, session, terms, true));
    }

    private void fullSync(ReplicaLink link) {
        counts.fullBegun();
        add(link);
        fullSyncs.add(link);
    }

    private void add(ReplicaLink link) {
        synchronized (this) {
            ReplicaLink[] more = Arrays.copyOf(links, links.length + 1);
            more[links.length] = link;
            links = more;
        }
        link.attach();
    }

    private synchronized void remove(ReplicaLink link) {
        links = Arrays.stream(links).filter(each -> each != link).toArray(ReplicaLink[]::new);
        if (links.length == 0) {
            nobodySinceNanos = clock.nanos();
        }
    }

    /** Where the replica goes on, or null if it needs everything. As masterTryPartialResynchronization in replication.c. */
    private LogReader place(ReplicaLink link, String historyId, long next) {
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
        }
        return place;
    }

    /** A replica's connection is closed. */
    void left(ReplicaLink link) {
        remove(link);
        log.notice("Connection with replica " + link.name() + " lost.");
        fullSyncs.left();
        changed();
    }

    /** Closes the connections of all replicas: they have to ask again where they stand. From any thread. */
    public void disconnectAll(String reason) {
        ReplicaLink[] all = links;
        if (all.length > 0) {
            log.notice("Disconnecting all replicas: " + reason);
            for (ReplicaLink link : all) {
                link.close();
            }
        }
    }

    // ---- history ----

    /** Lets history begin or go on at the cut of a full sync, and name its database again. All slots are locked. */
    void prepareHistory() {
        if (condition.replica()) {
            if (!history.hasHistory()) {
                throw new IllegalStateException("the data of this replica are not its primary's yet");
            }
            return;
        }
        boolean begins = !history.hasHistory();
        history.activate(begins ? ids.get() : "");
        if (begins) {
            log.notice("Replication backlog created, my new replication IDs are '" + history.ids().id() + "' and '"
                    + history.ids().previousId() + "'");
        }
    }

    /** Gives the history up when nobody has followed for long: its memory, and what each write costs. */
    private void giveUpHistory() {
        boolean old = settings.backlogNanos() > 0 && clock.nanos() - nobodySinceNanos > settings.backlogNanos();
        if (!old || links.length > 0 || !history.active()) {
            return;
        }
        keyspace.lockAll();
        try {
            if (links.length == 0 && !condition.replica()) {
                history.giveUp(ids.get());
                log.notice("Replication backlog freed after " + TimeUnit.NANOSECONDS.toSeconds(settings.backlogNanos())
                        + " seconds without connected replicas.");
            }
        } finally {
            keyspace.unlockAll();
        }
    }

    // ---- as time goes by ----

    /** There is more to send. From any thread, holding no lock. */
    private void wake() {
        OutputBufferLimits.Limit limit = settings.output();
        for (ReplicaLink link : links) {
            if (limit.hard() != 0 && link.waitingBytes() > limit.hard()) {
                dropIfSlow(link, limit);
            }
            link.wake();
        }
    }

    private void dropIfSlow(ReplicaLink link, OutputBufferLimits.Limit limit) {
        if (link.isGone() || !link.tooSlow(limit, slow.allowance(link.name())) || !link.drop()) {
            return;
        }
        slow.dropped(link.name(), clock.nanos());
        log.warning("Client " + link.text() + " scheduled to be closed ASAP for overcoming of output buffer limits. "
                + link.waitingBytes() + " bytes wait for replica " + link.name() + " (" + link.phase().text()
                + "); it may be up to " + slow.allowance(link.name()) + " times the limit behind when it comes back");
    }

    /** Ten times a second, always on the same event loop. */
    public void tick() {
        for (ReplicaLink link : links) {
            dropIfSlow(link, settings.output());
        }
        fullSyncs.look();
        wake();
        long passed = (clock.nanos() - secondNanos) / SECOND_NANOS;
        if (passed > 0) {
            // those that were missed are not made up for
            secondNanos += passed * SECOND_NANOS;
            everySecond();
        }
    }

    private void everySecond() {
        seconds++;
        if (seconds % settings.pingSeconds() == 0 && links.length > 0 && !quiet) {
            history.append(PING);
        }
        fullSyncs.keepAlive();
        for (ReplicaLink link : links) {
            if (link.timedOut(settings.timeoutNanos())) {
                log.warning("Disconnecting timedout replica (streaming sync): " + link.name());
                link.close();
            }
            if (link.phase() == ReplicaLink.Phase.ONLINE) {
                slow.keepsUp(link.name(), link.sinceNanos(), clock.nanos());
            }
        }
        giveUpHistory();
        changed();
    }

    /** Counts the replicas that are near, and lets writes wait for no one or refuses them: {@code min-replicas-to-write}. */
    void changed() {
        int near = 0;
        for (ReplicaLink link : links) {
            if (link.phase() == ReplicaLink.Phase.ONLINE && link.lagSeconds() <= settings.goodLagSeconds()) {
                near++;
            }
        }
        good = near;
        condition.lacksReplicas(near < settings.goodWanted());
    }

    /** How long a replica has to wait for its full sync since it could not follow. */
    long waitNanos(ReplicaLink link) {
        return slow.waitNanos(link.name(), clock.nanos());
    }

    /** Lets nothing go into the log but changes: the offset stands still while clients are paused for a failover. */
    public void holdPings(boolean on) {
        quiet = on;
    }

    /** Whether a failover is on its way, so that nobody may attach. */
    boolean quiet() {
        return quiet;
    }

    /** Lets nobody get a copy of this node's data, as long as others may have more. */
    public void refuseSyncs(boolean on) {
        refusing = on;
    }

    boolean refusing() {
        return refusing;
    }

    // ---- WAIT ----

    /** Answers a client when so many replicas have what it wrote. On its event loop, in its command. */
    void await(ClientSession session, long offset, long wanted, long timeoutMs) {
        acknowledgements.await(session, offset, wanted, timeoutMs);
        asking.set(true);
        wake();
    }

    /** Whether {@link #askForThoseWhoWait} has something to ask. */
    boolean asks() {
        return asking.get();
    }

    /**
     * Asks on behalf of the clients that wait. Whoever sends the log does so in front of what it sends next: so the question
     * leaves with the writes that are waited for, and one is enough for all that have begun to wait until then.
     */
    void askForThoseWhoWait() {
        if (asking.get() && asking.compareAndSet(true, false)) {
            askForAcknowledgements();
        }
    }

    /** Whether there are replicas, and all of them understand CLUSTER SETSLOT in the stream. */
    public boolean understandSlots() {
        return allUnderstand(ReplicaTerms::movesSlots);
    }

    /** Whether there are replicas, and all of them understand in the stream which slots are being imported. */
    public boolean hideImports() {
        return allUnderstand(ReplicaTerms::hidesImports);
    }

    private boolean allUnderstand(Predicate<ReplicaTerms> what) {
        ReplicaLink[] all = links;
        return all.length > 0 && Arrays.stream(all).map(ReplicaLink::terms).allMatch(what);
    }

    /** Puts a request into the stream that changes no data. */
    public void tell(byte[] request) {
        history.append(request);
        wake();
    }

    /**
     * Waits, not on an event loop, until all replicas that keep up have everything written so far, but no longer than that;
     * returns whether they have. One that has been silent for {@value #SILENT_SECONDS} seconds is not waited for.
     */
    public boolean awaitAll(long timeoutMs) {
        long offset = history.offset();
        long end = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        if (near(offset)) {
            return true;
        }
        askForAcknowledgements();
        while (!near(offset)) {
            if (clock.nanos() - end >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    private boolean near(long offset) {
        for (ReplicaLink link : links) {
            boolean keepsUp = link.phase() == ReplicaLink.Phase.ONLINE && link.lagSeconds() < SILENT_SECONDS;
            if (keepsUp && link.ackedOffset() < offset) {
                return false;
            }
        }
        return true;
    }

    /** Has the replicas say at once how far they are. */
    public void askForAcknowledgements() {
        if (!quiet) {
            history.append(GETACK);
            wake();
        }
    }

    void acknowledged() {
        acknowledgements.acknowledged();
    }

    /** Ends all waits with an answer: this node leads no more. */
    public void abandonWaits(Consumer<ReplyWriter> answer) {
        acknowledgements.abandon(answer);
    }
}
