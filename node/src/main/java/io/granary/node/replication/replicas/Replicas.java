package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import io.granary.node.client.ClientSession;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.replication.LogReader;
import io.granary.node.replication.ReplicationLog;
import io.granary.node.snapshot.Snapshots;
import io.granary.slots.keyspace.Keyspace;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** All replicas of this node: who they are, how they come and go, and what others may ask of them. */
public final class Replicas {

    private final ReplicationLog history;
    private final Clock clock;
    private final NodeLog log;
    private final Supplier<ByteBufAllocator> allocator;
    private final ReplicaSettings settings;
    private final ReplicaLinks links;
    private final StreamRequests requests;
    private final Acknowledgements acknowledgements;
    private final GoodReplicas good;
    private final Backlog backlog;
    private final PartialSyncs partialSyncs;
    private final FullSyncs fullSyncs;
    private final SlowReplicas slow = new SlowReplicas();
    private final ReplicaUpkeep upkeep;
    private final SyncCounts counts = new SyncCounts();
    private volatile boolean refusing;

    /** @param ids random names for histories, 40 hexadecimal digits each */
    public Replicas(
            ReplicationLog history, Snapshots snapshots, Keyspace keyspace, NodeCondition condition, Supplier<String> ids,
            Clock clock, NodeLog log, Supplier<ByteBufAllocator> allocator, Configuration configuration) {
        this.history = history;
        this.clock = clock;
        this.log = log;
        this.allocator = allocator;
        settings = new ReplicaSettings(configuration);
        links = new ReplicaLinks(clock);
        requests = new StreamRequests(history, this::wake);
        acknowledgements = new Acknowledgements(links::all, history::offset, requests, this::wake, clock);
        good = new GoodReplicas(links::all, settings, condition);
        backlog = new Backlog(history, links, settings, keyspace, condition, ids, clock, log);
        partialSyncs = new PartialSyncs(history, log);
        fullSyncs = new FullSyncs(this, snapshots, ids);
        upkeep = new ReplicaUpkeep(links, settings, requests, fullSyncs, slow, backlog, good, clock, log);
        history.onMore(this::wake);
        snapshots.onEnd(fullSyncs::look);
    }

    ReplicationLog history() {
        return history;
    }

    ReplicaSettings settings() {
        return settings;
    }

    Backlog backlog() {
        return backlog;
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
        return List.of(links.all());
    }

    /** How far they are, and who waits for that. */
    public Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /** Where the history ends. */
    public long offset() {
        return history.offset();
    }

    /** How many replicas are near enough, if their number matters. */
    public int good() {
        return good.count();
    }

    /** Whether the number of replicas that are near matters: {@code min-replicas-to-write}. */
    public boolean goodMatters() {
        return good.matter();
    }

    /** What was done for them. */
    public SyncCounts counts() {
        return counts;
    }

    /** Writes down which replicas lack something, since this node is about to end. */
    public void logHowFar() {
        ReplicaLink[] all = links.all();
        int even = 0;
        for (ReplicaLink link : all) {
            if (acknowledgements.isEven(link)) {
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

    // ---- coming and going ----

    /** Makes a client a replica that goes on where it was, if the history allows it, else one that waits for a full sync. */
    void synchronize(ClientSession session, ReplicaTerms terms, String historyId, long next) {
        ReplicaLink link = new ReplicaLink(this, session, terms, false);
        LogReader place = partialSyncs.place(link, historyId, next);
        if (place == null) {
            if (!historyId.startsWith("?")) {
                counts.partialRefused();
            }
            fullSync(link);
            return;
        }
        counts.partialBegun();
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
        links.add(link);
        link.attach();
    }

    /** How long a replica has to wait for its full sync since it could not follow. */
    long waitNanos(ReplicaLink link) {
        return slow.waitNanos(link.name(), clock.nanos());
    }

    /** A replica is online, or is no more. */
    void changed() {
        good.recount();
    }

    /** A replica's connection is closed. */
    void left(ReplicaLink link) {
        links.remove(link);
        log.notice("Connection with replica " + link.name() + " lost.");
        fullSyncs.left();
        changed();
    }

    /** Closes the connections of all replicas: they have to ask again where they stand. From any thread. */
    public void disconnectAll(String reason) {
        ReplicaLink[] all = links.all();
        if (all.length > 0) {
            log.notice("Disconnecting all replicas: " + reason);
            for (ReplicaLink link : all) {
                link.close();
            }
        }
    }

    /** Lets nobody get a copy of this node's data, as long as others may have more. */
    public void refuseSyncs(boolean on) {
        refusing = on;
    }

    boolean refusing() {
        return refusing;
    }

    /** Ten times a second, always on the same event loop. */
    public void tick() {
        upkeep.tick();
    }

    private void wake() {
        upkeep.wake();
    }

    // ---- what they are told ----

    /** Whether there are replicas, and all of them understand CLUSTER SETSLOT in the stream. */
    public boolean understandSlots() {
        return allUnderstand(ReplicaTerms::movesSlots);
    }

    /** Whether there are replicas, and all of them understand in the stream which slots are being imported. */
    public boolean hideImports() {
        return allUnderstand(ReplicaTerms::hidesImports);
    }

    private boolean allUnderstand(Predicate<ReplicaTerms> what) {
        ReplicaLink[] all = links.all();
        return all.length > 0 && Arrays.stream(all).map(ReplicaLink::terms).allMatch(what);
    }

    /** Puts a request into the stream that changes no data. */
    public void tell(byte[] request) {
        requests.tell(request);
    }

    /** Lets nothing go into the log but changes: the offset stands still while clients are paused for a failover. */
    public void holdPings(boolean on) {
        requests.hold(on);
    }

    /** Whether a failover is on its way, so that nobody may attach. */
    boolean quiet() {
        return requests.areHeld();
    }
}
