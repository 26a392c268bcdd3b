package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import io.granary.gossip.wire.MessageType;
import io.granary.gossip.wire.PingExtension;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Composes what this node says on the bus and counts it.
 *
 * <p>A heartbeat gossips about a tenth of the nodes, at least three, chosen at random, and about all nodes that this one
 * suspects, since a suspicion must reach a majority within two node timeouts to become a FAIL. With a thousand nodes and
 * half of them gone that would be half a thousand entries in every frame (Redis sends them), just when everybody is busy;
 * so a frame holds at most {@link #ENTRIES_LIMIT} entries, and which suspects are in it is left to chance.
 */
final class Messages {

    static final int ENTRIES_LIMIT = 256;
    private static final int ENTRIES_LEAST = 3;

    private final ClusterState state;
    private final Blacklist blacklist;
    private final long boot;
    private final long[] sent = new long[MessageType.values().length];
    private final long[] received = new long[MessageType.values().length];
    private long sequence;

    /** How often it was drawn by lot about whom to gossip. */
    private long draws;

    Messages(ClusterState state, Blacklist blacklist) {
        this.state = state;
        this.blacklist = blacklist;
        this.boot = state.random.nextLong();
    }

    void ping(Link link) {
        link.node.pingSentMs = state.nowMs;
        ask(link, true);
    }

    /** A ping for the sake of its answer: one that is open already stays the one that counts. */
    void inquire(Link link) {
        inquire(link, true);
    }

    /** As {@link #inquire(Link)}; {@code gossip} whether it tells about others. */
    void inquire(Link link, boolean gossip) {
        long openSinceMs = link.node.pingSentMs;
        ask(link, gossip);
        link.node.pingSentMs = openSinceMs == 0 ? state.nowMs : openSinceMs;
    }

    private void ask(Link link, boolean gossip) {
        Node node = link.node;
        heartbeat(link, MessageType.PING, header(), gossip);
        node.askedSequence = sequence;
        node.askedMs = state.nowMs;
        node.gossipedMs = gossip ? state.nowMs : node.gossipedMs;
    }

    /** How many messages this process has numbered. */
    long sequence() {
        return sequence;
    }

    /** A ping that is answered when the receiver has on disk what it knows; no other answer is waited for less for it. */
    void askForAssent(Link link) {
        BusHeader header = header();
        BusHeader.Stamp stamp = header.stamp();
        heartbeat(link, MessageType.PING, header.with(new BusHeader.Stamp(
                stamp.boot(), stamp.sequence(), 0, 0, stamp.standing(), stamp.behind(), true)), false);
    }

    /** The answer to that: this node agrees with the ping, and will not have forgotten it when it starts again. */
    void assent(Link link, BusMessage.Heartbeat ping) {
        state.out.saveAll();
        BusHeader header = headerAfterSave(0);
        BusHeader.Stamp stamp = header.stamp();
        BusMessage pong = new BusMessage.Heartbeat(
                MessageType.PONG,
                header.with(new BusHeader.Stamp(
                        stamp.boot(), stamp.sequence(), ping.header().stamp().sequence(), 0, stamp.standing(),
                        stamp.behind(), true)),
                contestedEntries(link.node),
                List.of());
        sent[pong.type().code()]++;
        state.out.afterSave(new Output.Send(link.number, pong));
    }

    /**
     * The answer to a ping: who was told nothing about others tells nothing about others. A newcomer that knows nobody else
     * yet tells nothing but who it is, and is to hear of others: it may wait long to be pinged itself, or be deaf to pings.
     */
    void answer(Link link, BusMessage.Heartbeat ping, int promiseMs) {
        BusHeader.Stamp asked = ping.header().stamp();
        BusHeader header = header();
        if (asked != null) {
            header = header.with(stamp(asked.sequence(), promiseMs));
        }
        boolean gossip = asked == null
                || !ping.extensions().isEmpty()
                || ping.gossip().stream().anyMatch(entry -> entry.contestedEpoch() == 0);
        heartbeat(link, MessageType.PONG, header, gossip);
    }

    /** Says at once whom this node suspects. */
    void report(Link link, List<Node> suspects) {
        List<GossipEntry> entries = new ArrayList<>();
        suspects.forEach(suspect -> entries.add(entry(suspect)));
        send(link, new BusMessage.Heartbeat(MessageType.PONG, header(), entries, List.of()));
    }

    void meet(Link link) {
        heartbeat(link, MessageType.MEET);
    }

    void pong(Link link) {
        heartbeat(link, MessageType.PONG);
    }

    /** News of this node itself, to everybody at once. */
    void broadcastPong() {
        for (Node node : state.nodes()) {
            if (canHear(node)) {
                pong(node.link);
            }
        }
    }

    /**
     * What this node claims from now on, to everybody at once. Voters are pinged instead, since a new primary acknowledges
     * no write before they have answered.
     */
    void broadcastClaims() {
        for (Node node : state.nodes()) {
            if (canHear(node) && node.isVoter() && state.myself.isVoter()) {
                inquire(node.link);
            } else if (canHear(node)) {
                pong(node.link);
            }
        }
    }

    void broadcastFail(Node failed) {
        for (Node node : state.nodes()) {
            if (canHear(node)) {
                send(node.link, new BusMessage.Fail(header(), failed.id));
            }
        }
    }

    /** Tells a node who owns slots that it believes to be its own. */
    void update(Link link, Node owner) {
        send(link, new BusMessage.Update(header(), owner.configEpoch, owner.id, claimsOf(owner)));
    }

    /** As {@link #update}, once that is on disk. */
    void updateAfterSave(Link link, Node owner) {
        BusMessage update = new BusMessage.Update(headerAfterSave(0), owner.configEpoch, owner.id, claimsOf(owner));
        sent[update.type().code()]++;
        state.out.afterSave(new Output.Send(link.number, update));
    }

    /** The slots of a node that others may be told of: without those that it has given up itself. */
    SlotBitmap claimsOf(Node owner) {
        return owner.slots().minus(state.abandoned()).minus(owner == state.myself ? state.untold : SlotBitmap.EMPTY);
    }

    /**
     * Asks nodes for their votes in the current epoch, once that is on disk: a candidate that forgot it could hold the same
     * election again.
     *
     * @param standing whether the election is still on: then, too, nobody is asked in vain
     */
    void requestVotes(Collection<Node> nodes, int messageFlags, SlotBitmap slots, BooleanSupplier standing) {
        requestVotes(nodes, headerAfterSave(messageFlags).with(slots), standing);
    }

    /** As before, for slots of which nobody may have got one in an epoch as great as that. */
    void requestVotes(Collection<Node> nodes, SlotBitmap slots, long epoch, BooleanSupplier standing) {
        requestVotes(nodes, headerAfterSave(0).with(slots).with(epoch), standing);
    }

    private void requestVotes(Collection<Node> nodes, BusHeader header, BooleanSupplier standing) {
        BusMessage request = new BusMessage.FailoverAuthRequest(header);
        for (Node node : nodes) {
            if (canHear(node)) {
                sent[request.type().code()]++;
                state.out.afterSave(new Output.Send(node.link.number, request), standing);
            }
        }
    }

    void startManualFailover(Link link) {
        send(link, new BusMessage.MfStart(header()));
    }

    /** A vote in the current epoch: leaves only once it is on disk, behind what this node knows of contests and grants. */
    void vote(Link link, List<SlotGrant> grants) {
        List<GossipEntry> contests = contestedEntries(link.node);
        if (!contests.isEmpty() || !grants.isEmpty()) {
            List<PingExtension> extensions = new ArrayList<>();
            if (!grants.isEmpty()) {
                extensions.addAll(extensions(link));
                grants.stream().filter(grant -> grant != state.granting)
                        .forEach(grant -> extensions.add(new PingExtension.Granted(grant)));
            }
            BusMessage pong = new BusMessage.Heartbeat(MessageType.PONG, headerAfterSave(0), contests, extensions);
            sent[pong.type().code()]++;
            state.out.afterSave(new Output.Send(link.number, pong));
        }
        BusMessage ack = new BusMessage.FailoverAuthAck(headerAfterSave(0));
        sent[ack.type().code()]++;
        state.out.afterSave(new Output.Send(link.number, ack));
    }

    void count(BusMessage message) {
        received[message.type().code()]++;
    }

    MessageCounts counts() {
        return new MessageCounts(byType(sent), byType(received));
    }

    private static Map<MessageType, Long> byType(long[] counts) {
        Map<MessageType, Long> map = new EnumMap<>(MessageType.class);
        for (MessageType type : MessageType.values()) {
            if (counts[type.code()] > 0) {
                map.put(type, counts[type.code()]);
            }
        }
        return map;
    }

    private static boolean canHear(Node node) {
        return node.link != null && node.link.up && !node.is(NodeFlag.HANDSHAKE);
    }

    private void send(Link link, BusMessage message) {
        if (state.behind && (link.node == null || link.node.newest == null)) {
            return;
        }
        sent[message.type().code()]++;
        state.out.add(new Output.Send(link.number, message));
    }

    private BusHeader header() {
        return header(0);
    }

    /** Of a message that leaves when all that this node knows is on disk. */
    private BusHeader headerAfterSave(int messageFlags) {
        BusHeader header = header(messageFlags);
        return header.isPrimary() ? header.with(state.myself.configEpoch) : header;
    }

    private BusHeader header(int messageFlags) {
        Node me = state.myself;
        boolean paused = state.pausedOffset >= 0;
        // A succession that is not on disk is not told: so long this node speaks as the replica that it was.
        boolean silent = state.succeeded != null;
        Node primary = silent ? state.succeeded : me.primary;
        Node claimant = primary == null || silent ? me : primary;
        GossipSettings settings = state.settings;
        sequence++;
        return new BusHeader(
                me.id,
                state.currentEpoch,
                primary == null ? Math.min(me.configEpoch, state.storedConfigEpoch) : primary.configEpoch,
                paused ? state.pausedOffset : me.offset,
                claimsOf(claimant),
                primary == null ? null : primary.id,
                settings.announceIp(),
                settings.tlsCluster() ? settings.tlsPort() : settings.port(),
                settings.tlsCluster() ? settings.port() : settings.tlsPort(),
                settings.busPort(),
                silent ? NodeFlag.bits(me.flags) ^ NodeFlag.PRIMARY.bit() ^ NodeFlag.REPLICA.bit() : NodeFlag.bits(me.flags),
                state.ok,
                messageFlags | BusHeader.EXTENSIONS | (paused ? BusHeader.PAUSED : 0),
                stamp(0, 0));
    }

    private BusHeader.Stamp stamp(long answered, int promiseMs) {
        boolean standing = state.standing || state.succeeded != null;
        return new BusHeader.Stamp(boot, sequence, answered, promiseMs, standing, state.behind, false);
    }

    private void heartbeat(Link link, MessageType type) {
        heartbeat(link, type, header(), true);
    }

    private void heartbeat(Link link, MessageType type, BusHeader header, boolean gossip) {
        List<GossipEntry> entries = contestedEntries(link.node);
        if (gossip) {
            gossip(link.node, entries);
        }
        boolean reads = link.node != null && link.node.readsExtensions;
        // who is asked whether it agrees to a grant has to know of the grant
        boolean granting = header.stamp().sure() && state.granting != null;
        List<PingExtension> extensions = gossip && reads || granting ? extensions(link) : List.of();
        boolean insider = state.toldReplicas && link.node != null && link.node.primary == state.myself;
        send(link, new BusMessage.Heartbeat(
                type, insider ? header.with(state.myself.slots()) : header, entries, extensions));
    }

    /** What a node of this kind must know whenever it has this node's word. */
    private List<GossipEntry> contestedEntries(Node receiver) {
        List<GossipEntry> entries = new ArrayList<>();
        if (receiver != null && receiver.newest != null) {
            state.contested().stream().limit(ENTRIES_LIMIT).forEach(node -> entries.add(entry(node)));
        }
        return entries;
    }

    private void gossip(Node receiver, List<GossipEntry> entries) {
        int known = state.nodes().size();
        int wanted = Math.min(Math.max(known / 10, ENTRIES_LEAST), Math.min(known - 2, ENTRIES_LIMIT));
        draws++;
        for (int tries = wanted * 3; tries > 0 && entries.size() < wanted; tries--) {
            Node node = state.randomNode();
            if (worthTelling(node, receiver) && !node.is(NodeFlag.PFAIL) && node.drawn != draws) {
                node.drawn = draws;
                entries.add(entry(node));
            }
        }
        int first = state.random.nextInt(known);
        for (int i = 0; i < known && entries.size() < ENTRIES_LIMIT; i++) {
            Node node = state.nodes().get((first + i) % known);
            if (node.is(NodeFlag.PFAIL) && node != receiver && !node.is(NodeFlag.HANDSHAKE) && !node.is(NodeFlag.NOADDR)) {
                entries.add(entry(node));
            }
        }
    }

    private boolean worthTelling(Node node, Node receiver) {
        return node != state.myself
                && node != receiver
                && !node.is(NodeFlag.HANDSHAKE)
                && !node.is(NodeFlag.NOADDR)
                && (node.link != null || node.slotCount() > 0);
    }

    private GossipEntry entry(Node node) {
        boolean tls = state.settings.tlsCluster();
        return new GossipEntry(
                node.id,
                node.pingSentMs / 1000,
                node.pongReceivedMs / 1000,
                node.ip,
                tls ? node.tlsPort : node.port,
                tls ? node.port : node.tlsPort,
                node.busPort,
                NodeFlag.bits(node.flags),
                node.contestedEpoch);
    }

    private List<PingExtension> extensions(Link link) {
        List<PingExtension> extensions = new ArrayList<>();
        boolean foreign = link.node == null || link.node.newest == null && link.node.dataReceivedMs > 0;
        // who is elected, and has not stored it, speaks as the replica that it was, and no replica has granted anything
        if (state.granting != null && state.succeeded == null && !foreign) {
            extensions.add(new PingExtension.Granted(state.granting));
        }
        if (!state.myself.hostname.isEmpty()) {
            extensions.add(new PingExtension.Hostname(state.myself.hostname));
        }
        if (!state.myself.humanName.isEmpty()) {
            extensions.add(new PingExtension.HumanName(state.myself.humanName));
        }
        extensions.addAll(blacklist.told());
        extensions.add(new PingExtension.ShardId(state.myself.shard()));
        return extensions;
    }
}
