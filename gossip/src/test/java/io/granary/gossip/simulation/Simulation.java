package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.GossipSettings;
import io.granary.gossip.Input;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A cluster in one thread: the same seed and the same calls give the same events, to the byte. */
final class Simulation {

    private static final long START_MS = 1_700_000_000_000L;
    private static final int TRACE_LINES = 60;
    private static final long ANSWER_MS_MAX = 60_000;

    /** Something that a node did; put into words only where a seed fails. */
    private record Deed(long atMs, SimulatedNode node, Output output) {
        @Override
        public String toString() {
            String what = switch (output) {
                case Output.Send(long link, var message) -> "sends " + message.type().word() + " on " + link + ", epoch "
                        + message.header().configEpoch() + " of " + message.header().currentEpoch();
                case Output.Save save -> (save.synced() ? "saves" : "writes") + " generation " + save.generation();
                default -> output.toString();
            };
            return "  " + atMs + " " + node + " " + what;
        }
    }

    private final long seed;
    private final RandomGenerator random;
    private final Timeline timeline = new Timeline(START_MS);
    private final SimulatedNetwork network;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<Invariant> invariants = new ArrayList<>();
    private final Map<SimulatedNode, ClusterView> lastViews = new HashMap<>();
    private final Deque<Deed> trace = new ArrayDeque<>();
    private BiConsumer<SimulatedNode, String> logListener = (_, _) -> { };

    Simulation(long seed) {
        this.seed = seed;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.network = new SimulatedNetwork(timeline, random);
        invariants.add(new OneOwnerPerSlotAndEpoch());
        invariants.add(new EpochsNeverFallBack());
        invariants.add(new OneVotePerEpoch(this));
        invariants.add(new FailNeedsAMajority(this));
    }

    /** One more thing that is to hold from now on. */
    void add(Invariant invariant) {
        invariants.add(invariant);
    }

    long startMs() {
        return START_MS;
    }

    long seed() {
        return seed;
    }

    RandomGenerator random() {
        return random;
    }

    Timeline timeline() {
        return timeline;
    }

    SimulatedNetwork network() {
        return network;
    }

    /** Time since the beginning. */
    long elapsedMs() {
        return timeline.nowMs() - START_MS;
    }

    List<SimulatedNode> nodes() {
        return nodes;
    }

    /** The node with this number, from 1. */
    SimulatedNode node(int number) {
        return nodes.get(number - 1);
    }

    /** Adds and starts nodes. */
    void start(int count, long nodeTimeoutMs) {
        for (int i = 0; i < count; i++) {
            int number = nodes.size() + 1;
            SimulatedNode node = new SimulatedNode(
                    number, this, GossipSettings.onPort(7000).withNodeTimeoutMs(nodeTimeoutMs),
                    RandomGeneratorFactory.of("L64X128MixRandom").create(random.nextLong()));
            nodes.add(node);
            network.add(node);
            node.start();
        }
    }

    /** Gives every node an epoch of its own, as redis-cli does, so that none have to be parted, then forms the cluster. */
    void formInEpochs() {
        giveEpochs();
        form();
    }

    void giveEpochs() {
        for (SimulatedNode node : nodes) {
            ask(node, new OperatorRequest.SetConfigEpoch(node.number()));
        }
    }

    /** Gives every node its share of the slots and lets the first meet all others. */
    void form() {
        form(nodes.size());
    }

    /** Gives each of the first nodes its share of the slots and lets the first meet all others. */
    private void form(int primaries) {
        giveSlots(primaries);
        meetAll();
    }

    /** Gives each of the first nodes its share of the slots. */
    void giveSlots(int primaries) {
        for (int i = 0; i < primaries; i++) {
            int first = ClusterView.SLOTS * i / primaries;
            int end = ClusterView.SLOTS * (i + 1) / primaries;
            ask(nodes.get(i), new OperatorRequest.AddSlots(IntStream.range(first, end).toArray()));
        }
    }

    /** Lets the first node meet all others. */
    void meetAll() {
        for (SimulatedNode node : nodes.subList(1, nodes.size())) {
            meet(nodes.getFirst(), node);
        }
    }

    /** The first nodes become primaries; the others become their replicas, shared out in turn. Then all agree. */
    void formShards(int primaries) {
        giveEpochs();
        form(primaries);
        awaitAgreement(60_000);
        for (int i = primaries; i < nodes.size(); i++) {
            SimulatedNode primary = nodes.get(i % primaries);
            ask(nodes.get(i), new OperatorRequest.Replicate(primary.id().hex(), false));
        }
        awaitAgreement(60_000);
        // voters as young as this would wait with their votes
        run(1000);
    }

    Output.Answer meet(SimulatedNode one, SimulatedNode other) {
        return ask(one, new OperatorRequest.Meet(other.ip(), other.port(), other.busPort()));
    }

    /** Asks a node, and lets time pass until it has answered; null if it does not. */
    Output.Answer ask(SimulatedNode node, OperatorRequest request) {
        Output.Answer[] answer = {null};
        node.ask(request, given -> answer[0] = given);
        runUntil(() -> answer[0] != null, ANSWER_MS_MAX);
        return answer[0];
    }

    /** Lets time pass. */
    void run(long ms) {
        runUntil(() -> false, ms);
    }

    /** Lets time pass until all agree, looked at ten times a second; whether they do within so many milliseconds. */
    boolean runUntilAgreed(long limitMs) {
        long end = timeline.nowMs() + limitMs;
        while (disagreement() != null) {
            if (timeline.nowMs() >= end) {
                return false;
            }
            run(100);
        }
        return true;
    }

    boolean runUntil(BooleanSupplier condition, long limitMs) {
        try {
            return timeline.runUntil(condition, limitMs);
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError("seed " + seed + ", after " + elapsedMs() + " ms: " + failure.getMessage()
                    + "\nwhat went before:\n" + trace.stream().map(Deed::toString).collect(Collectors.joining("\n")), failure);
        }
    }

    void onLog(BiConsumer<SimulatedNode, String> listener) {
        logListener = listener;
    }

    // ---- what the nodes report ----

    void observe(SimulatedNode node, Output output) {
        if (!(output instanceof Output.Publish)) {
            note(node, output);
        }
        for (Invariant invariant : invariants) {
            named(invariant, () -> invariant.does(node, output, timeline.nowMs()));
        }
    }

    void handled(SimulatedNode node, Input input) {
        ClusterView before = lastViews.get(node);
        ClusterView view = node.view();
        if (view != before && view != null) {
            lastViews.put(node, view);
            ClusterView ofThisLife = input instanceof Input.Started ? null : before;
            for (Invariant invariant : invariants) {
                named(invariant, () -> invariant.sees(node, ofThisLife, view, timeline.nowMs()));
            }
        }
    }

    private static void named(Invariant invariant, Runnable check) {
        try {
            check.run();
        } catch (AssertionError violation) {
            throw new AssertionError(invariant.getClass().getSimpleName() + ": " + violation.getMessage(), violation);
        }
    }

    void log(SimulatedNode node, Output.Level level, String text) {
        if (level.compareTo(Output.Level.NOTICE) >= 0) {
            logListener.accept(node, text);
        }
    }

    private void note(SimulatedNode node, Output output) {
        if (trace.size() == TRACE_LINES) {
            trace.removeFirst();
        }
        trace.add(new Deed(elapsedMs(), node, output));
    }

    // ---- what is to be true in the end ----

    /** Whether all nodes run and see the same healthy cluster; says what is missing. */
    String disagreement() {
        ClusterView first = nodes.getFirst().view();
        Map<NodeId, NodeView> asFirstSees = new HashMap<>();
        first.nodes().forEach(node -> asFirstSees.put(node.id(), node));
        for (SimulatedNode node : nodes) {
            if (node.fate() != SimulatedNode.Fate.RUNNING) {
                return node + " is " + node.fate();
            }
            ClusterView view = node.view();
            if (!view.ok()) {
                return node + " says the cluster is down" + missing(view);
            }
            if (view.nodes().size() != nodes.size()) {
                return node + " knows " + view.nodes().size() + " nodes of " + nodes.size();
            }
            if (view.currentEpoch() != first.currentEpoch()) {
                return node + " is in epoch " + view.currentEpoch() + ", n1 in " + first.currentEpoch();
            }
            for (NodeView other : view.nodes()) {
                String difference = difference(other, asFirstSees.get(other.id()));
                if (difference != null) {
                    return node + " " + difference;
                }
            }
            String difference = differenceOfOwners(first, view);
            if (difference != null) {
                return node + " and n1 differ: " + difference;
            }
        }
        return sharedEpoch();
    }

    private static String difference(NodeView seen, NodeView asFirstSees) {
        if (seen.is(NodeFlag.PFAIL) || seen.is(NodeFlag.FAIL) || seen.is(NodeFlag.HANDSHAKE)) {
            return "sees " + seen.id() + " " + seen.flags();
        }
        if (!seen.linked() && !seen.is(NodeFlag.MYSELF)) {
            return "has no link to " + seen.id();
        }
        if (asFirstSees == null || !Objects.equals(seen.primary(), asFirstSees.primary())) {
            return "and n1 differ in whose replica " + seen.id() + " is";
        }
        if (seen.configEpoch() != asFirstSees.configEpoch()) {
            return "and n1 differ: config epoch of " + seen.id() + " is " + asFirstSees.configEpoch() + " and "
                    + seen.configEpoch();
        }
        return null;
    }

    private static String missing(ClusterView view) {
        for (int slot = 0; slot < ClusterView.SLOTS; slot++) {
            NodeView owner = view.owner(slot);
            if (owner == null || owner.is(NodeFlag.FAIL)) {
                return ": slot " + slot + (owner == null ? " is nobody's" : " is the failed " + owner.id() + "'s");
            }
        }
        return ", though all slots are served";
    }

    private static String differenceOfOwners(ClusterView one, ClusterView other) {
        for (int slot = 0; slot < ClusterView.SLOTS; slot++) {
            NodeView owner = one.owner(slot);
            NodeView otherOwner = other.owner(slot);
            if (owner == null || otherOwner == null || !owner.id().equals(otherOwner.id())) {
                return "slot " + slot + " is " + name(otherOwner) + "'s and " + name(owner) + "'s";
            }
        }
        return null;
    }

    private static String name(NodeView node) {
        return node == null ? "nobody" : node.id().hex();
    }

    /** Two primaries in one configuration epoch, or null. */
    private String sharedEpoch() {
        Map<Long, NodeView> epochs = new HashMap<>();
        for (NodeView node : nodes.getFirst().view().nodes()) {
            NodeView other = node.isPrimary() ? epochs.put(node.configEpoch(), node) : null;
            if (other != null) {
                return node.id() + " and " + other.id() + " share epoch " + node.configEpoch();
            }
        }
        return null;
    }

    /** Lets time pass until all agree; fails if they do not in time. */
    void awaitAgreement(long limitMs) {
        if (!runUntilAgreed(limitMs)) {
            throw new AssertionError("seed " + seed + ": no agreement after " + limitMs + " ms: " + disagreement());
        }
    }
}
