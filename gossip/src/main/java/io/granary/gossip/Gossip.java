package io.granary.gossip;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The machine: inputs in, outputs out, in the order in which they are to be carried out. It only hands each input to the
 * part that it concerns; the parts share one {@link ClusterState}.
 */
public final class Gossip {

    /** Views for the sake of times and counts alone come once in so many ticks. */
    private static final int TICKS_A_VIEW = 10;

    private final ClusterState state;
    private final Succession succession;
    private final ManualFailover manual;
    private final OwnRole role;
    private final Election election;
    private final ReplicaMigration migration;
    private final ClusterHealth health;
    private final Epochs epochs;
    private final Links links;
    private final Pinging pinging;
    private final Membership membership;
    private final FailureDetector failures;
    private final Reception reception;
    private final Operators operators;
    private final HandOver handOver;
    private final KnownGrants known;
    private final Arrivals arrivals;
    private final Views views;
    private final NodesFile.Loaded loaded;
    private long ticks;
    private long lastTickMs = -1;

    /** Whether this node may have had a greater config epoch than its damaged nodes file's previous generation says. */
    private boolean mayHaveLostEpoch;

    /**
     * A node that starts for the first time.
     *
     * @param random ids, whom to ping, whom to gossip about
     */
    public static Gossip fresh(NodeId myself, GossipSettings settings, RandomGenerator random) {
        Gossip gossip = new Gossip(null, settings, random);
        Node node = new Node(myself, NodeId.randomHex(random), 0);
        node.flags.add(NodeFlag.MYSELF);
        node.flags.add(NodeFlag.PRIMARY);
        gossip.state.myself = node;
        gossip.state.add(node);
        return gossip;
    }

    /** A node that starts again from its nodes file. */
    public static Gossip restored(NodesFile.Loaded loaded, GossipSettings settings, RandomGenerator random) {
        Gossip gossip = new Gossip(loaded, settings, random);
        gossip.restore(loaded.file());
        return gossip;
    }

    private Gossip(NodesFile.Loaded loaded, GossipSettings settings, RandomGenerator random) {
        this.loaded = loaded;
        this.state = new ClusterState(settings, random);
        Blacklist blacklist = new Blacklist(state);
        Messages messages = new Messages(state, blacklist);
        HigherEpoch higher = new HigherEpoch(state, messages);
        this.epochs = new Epochs(state, messages, higher);
        this.manual = new ManualFailover(state, messages);
        this.role = new OwnRole(state, messages, manual);
        this.known = new KnownGrants(state);
        this.succession = new Succession(state, messages, known);
        this.election = new Election(state, messages, manual, role, succession.contests());
        this.migration = new ReplicaMigration(state, role);
        this.arrivals = new Arrivals(state, messages);
        SlotClaims claims = new SlotClaims(state, messages, role, arrivals);
        this.health = new ClusterHealth(state);
        this.links = new Links(state, messages);
        this.pinging = new Pinging(state, messages, links, health);
        this.membership = new Membership(state, links, blacklist, pinging);
        this.failures = new FailureDetector(state, messages, succession.promises());
        this.handOver = new HandOver(
                state, messages, role, succession.contests(), higher, succession.reelection(), known);
        this.reception = new Reception(
                state, links, messages, membership, failures, claims, epochs, succession.votes(), election, manual,
                succession, handOver, blacklist, known);
        this.operators = new Operators(
                state, links, messages, membership, failures, epochs,
                new FailoverOrders(state, role, manual, epochs), blacklist, arrivals);
        this.views = new Views(state, links, messages, handOver, known, arrivals);
    }

    /** The name of this node; another one after CLUSTER RESET HARD. */
    public NodeId myself() {
        return state.myself.id;
    }

    /** Whether this primary serves nobody, since it has started without all of its data. */
    public boolean isBehind() {
        return state.behind;
    }

    /**
     * Takes one input and says what is to be done.
     *
     * @param nowMs a clock that never jumps and never goes back, anchored at unix time when the process started
     */
    public List<Output> handle(long nowMs, Input input) {
        state.nowMs = nowMs;
        noticeAbsence(input);
        switch (input) {
            case Input.Started _ -> started();
            case Input.StartedBehind _ -> startedBehind();
            case Input.Tick _ -> tick();
            case Input.LinkUp up -> links.up(up.link(), up.localIp());
            case Input.LinkDown down -> linkDown(down);
            case Input.Accepted accepted -> links.accepted(accepted.link(), accepted.peerIp(), accepted.localIp());
            case Input.Received received -> received(received);
            case Input.Asked asked -> asked(asked.number(), asked.request());
            case Input.Reconfigured reconfigured -> configure(reconfigured.settings());
            case Input.Replicated replicated -> replicated(replicated.status());
            case Input.WritesPaused paused -> manual.paused(paused.offset());
            case Input.Saved saved -> saved(saved.generation());
            case Input.SaveFailed failed -> saveFailed(failed);
        }
        role.leaveDemotedPrimary();
        role.followLeaderOfShard();
        succession.step();
        election.step();
        handOver.step();
        arrivals.step();
        failures.step();
        return outputs();
    }

    private void asked(long number, OperatorRequest request) {
        if (request instanceof OperatorRequest.HandOverStep step) {
            handOver.asked(number, step);
        } else {
            operators.asked(number, request);
        }
    }

    private void startedBehind() {
        state.startedWithLess = true;
        succession.yielding().begin();
    }

    private void linkDown(Input.LinkDown down) {
        Node refusing = links.down(down.link(), down.refused());
        if (refusing != null) {
            failures.refused(refusing);
        }
    }

    private void replicated(ReplicationStatus status) {
        role.replicated(status);
        manual.step();
    }

    private List<Output> outputs() {
        role.tellPromotion();
        if (state.takeHealthChanged()) {
            health.update();
        }
        if (state.takeViewChanged()) {
            state.out.add(new Output.Publish(views.view()));
        }
        succession.tellLease();
        role.tellDemotion();
        manual.tellResumption();
        int[] lost = state.takeLostSlots();
        if (lost.length > 0) {
            state.out.add(new Output.DropKeys(lost));
        }
        return state.out.drain(this::nodesFile);
    }

    private String nodesFile() {
        epochs.saving(state.out.generation());
        return views.nodesFile().text();
    }

    private void saved(long generation) {
        // what was held was said earlier than the epoch that may be told now
        state.out.saved(generation);
        epochs.saved(generation);
    }

    private void saveFailed(Input.SaveFailed failed) {
        state.out.saveFailed(failed.generation(), failed.reason(), state.nowMs);
        epochs.saveFailed(failed.generation());
        handOver.saveFailed();
    }

    private void started() {
        for (Node node : state.nodes()) {
            node.failedMs = state.nowMs;
            node.contestedMs = state.nowMs;
            node.pingSentMs = node.pingSentMs == 0 ? 0 : state.nowMs;
            node.pongReceivedMs = node.pongReceivedMs == 0 ? 0 : state.nowMs;
        }
        arrivals.started();
        if (loaded == null) {
            state.notice("No cluster configuration found, I'm " + state.myself.id);
        } else {
            state.notice("Node configuration loaded, I'm " + state.myself.id);
        }
        if (loaded != null && loaded.previousGeneration()) {
            state.warning("The previous generation of the nodes file may lack a vote: none are given for a while");
            succession.votes().mayHaveForgotten();
            mayHaveLostEpoch = state.myself.isVoter();
        }
        if (state.myself.isVoter()) {
            health.doubt();
        }
        configure(state.settings);
        state.changedDurably();
        links.tick();
    }

    /**
     * Ticks come ten times a second, so where one is long overdue this process stood still (a paused machine, a stopped
     * process). It is noticed with the first input of any kind, since that may be a message that has waited in a socket.
     */
    private void noticeAbsence(Input input) {
        long absenceMs = lastTickMs < 0 ? 0 : state.nowMs - lastTickMs;
        boolean absent = absenceMs > state.settings.nodeTimeoutMs() / 2;
        if (absent || input instanceof Input.Tick) {
            lastTickMs = state.nowMs;
        }
        if (absent) {
            failures.wasAbsent(absenceMs);
        }
        if (absenceMs > state.settings.nodeTimeoutMs() && state.myself.isVoter()) {
            state.warning("This process stood still for longer than the node timeout: its slots may have another owner now");
            health.doubt();
        }
    }

    private void tick() {
        ticks++;
        membership.tick();
        links.tick();
        pinging.tick();
        failures.tick();
        succession.tick();
        manual.tick();
        migration.tick();
        handOver.tick();
        arrivals.tick();
        health.update();
        if (mayHaveLostEpoch && !health.confirming()) {
            // A majority knows our claims now, so a new epoch can not steal anything; the old one may be greater than we
            // know.
            mayHaveLostEpoch = false;
            epochs.bump();
        }
        state.out.tick(state.nowMs);
        if (ticks % TICKS_A_VIEW == 0) {
            state.changedSoon();
        }
        state.tick();
    }

    private void received(Input.Received received) {
        Link link = links.link(received.link());
        if (link != null) {
            reception.received(link, received.message());
        }
    }

    private void configure(GossipSettings settings) {
        boolean announced = !settings.announceIp().equals(state.settings.announceIp());
        Node me = state.myself;
        state.settings = settings;
        me.port = settings.port();
        me.tlsPort = settings.tlsPort();
        me.busPort = settings.busPort();
        me.hostname = settings.hostname();
        me.humanName = settings.humanName();
        if (!settings.announceIp().isEmpty() || announced) {
            me.ip = settings.announceIp();
        }
        if (settings.replicas().noFailover()) {
            me.flags.add(NodeFlag.NOFAILOVER);
        } else {
            me.flags.remove(NodeFlag.NOFAILOVER);
        }
        state.changedSoft();
    }

    private void restore(NodesFile file) {
        Map<NodeId, Node> byId = new HashMap<>();
        NodesFile.Entry own = file.myself();
        restore(own, byId);
        state.myself = byId.get(own.id());
        for (NodesFile.Entry entry : file.nodes()) {
            if (entry != own) {
                restore(entry, byId);
            }
        }
        for (NodesFile.Entry entry : file.nodes()) {
            Node node = byId.get(entry.id());
            if (entry.primary() != null && !entry.primary().equals(entry.id())) {
                state.attach(node, byId.get(entry.primary()));
            }
            if (node != state.myself || node.isPrimary()) {
                state.assign(entry.slots(), node);
            }
        }
        state.abandon(file.abandoned().filter(slot -> state.owner(slot) != null), true);
        file.migrating().forEach((slot, target) -> restoreOpen(state.migrating, slot, byId.get(target)));
        file.importing().forEach((slot, source) -> restoreOpen(state.importing, slot, byId.get(source)));
        file.contested().forEach((id, epoch) -> {
            if (byId.containsKey(id)) {
                state.contest(byId.get(id), epoch);
            }
        });
        state.storedConfigEpoch = own.configEpoch();
        state.currentEpoch = file.currentEpoch();
        state.lastVoteEpoch = file.lastVoteEpoch();
        known.restore(file.grants());
        arrivals.restore(file.arrivals());
        handOver.restore(file.handOvers());
    }

    private static void restoreOpen(Map<Integer, Node> open, int slot, Node other) {
        if (other != null) {
            open.put(slot, other);
        }
    }

    private void restore(NodesFile.Entry entry, Map<NodeId, Node> byId) {
        String shard = entry.shard().isEmpty() ? NodeId.randomHex(state.random) : entry.shard();
        Node node = new Node(entry.id(), shard, 0);
        node.flags.addAll(entry.flags());
        node.ip = entry.ip();
        node.port = entry.port();
        node.tlsPort = entry.tlsPort();
        node.busPort = entry.busPort();
        node.hostname = entry.hostname();
        node.humanName = entry.humanName();
        node.configEpoch = entry.configEpoch();
        node.pingSentMs = entry.pingSentMs();
        node.pongReceivedMs = entry.pongReceivedMs();
        byId.put(entry.id(), node);
        state.add(node);
    }
}
