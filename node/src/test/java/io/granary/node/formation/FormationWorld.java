package io.granary.node.formation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.SlotBitmap;
import io.granary.node.cluster.MadeUpView;
import io.granary.node.config.SeedNodes;
import io.granary.node.formation.SeedReport.Silent;
import io.granary.node.formation.SeedReport.Told;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Nodes that form a cluster, each reduced to what formation sees of it; whoever knows one member knows all of them. Nodes
 * stop, start, and lose their volumes, and see the seeds as they were a moment ago, or not at all.
 */
final class FormationWorld {

    final FormationSettings settings;
    private final SplittableRandom random;
    private final List<Process> processes = new ArrayList<>();

    /** All identities that ever were and that somebody may remember. */
    private final List<Identity> identities = new ArrayList<>();

    /** A node's name and what belongs to it: its volume. */
    static final class Identity {
        final String id;
        SlotBitmap slots = SlotBitmap.EMPTY;
        long epoch;
        Identity primary;
        Set<Identity> cluster = new LinkedHashSet<>(Set.of(this));
        boolean up;

        Identity(String id) {
            this.id = id;
        }
    }

    /** What runs at one place of the list, with the reports that it goes by. */
    private static final class Process {
        Identity identity;
        FormationPlan plan;
        List<SeedReport> reports;
        boolean interrupted;
    }

    FormationWorld(int primaries, int replicasEach, SplittableRandom random) {
        this.random = random;
        settings = new FormationSettings(
                IntStream.range(0, primaries * (1 + replicasEach)).mapToObj(i -> new SeedNodes.Seed("n" + i, 6379)).toList(),
                primaries, replicasEach);
        for (int i = 0; i < settings.founders(); i++) {
            processes.add(new Process());
            wipe(i);
        }
    }

    int size() {
        return processes.size();
    }

    Identity at(int place) {
        return processes.get(place).identity;
    }

    void start(int place) {
        at(place).up = true;
        processes.get(place).reports = null;
        processes.get(place).plan = new FormationPlan(settings);
        processes.get(place).interrupted = false;
    }

    /** The node has taken its share, and has not been introduced to anybody yet. */
    void stopOnceSlotsAreTaken(int place) {
        processes.get(place).interrupted = true;
        survey(place, 0);
        step(place);
        stop(place);
    }

    void stop(int place) {
        at(place).up = false;
    }

    /** The volume of a node is lost: others may go on believing in the old one. */
    void wipe(int place) {
        byte[] name = new byte[20];
        random.nextBytes(name);
        StringBuilder id = new StringBuilder();
        for (byte each : name) {
            id.append(String.format("%02x", each));
        }
        if (at(place) != null) {
            at(place).up = false;
        }
        processes.get(place).identity = new Identity(id.toString());
        identities.add(at(place));
    }

    /** A replica of a primary that is down takes its place, if most primaries are up to elect it. */
    void failOver(int place) {
        Identity replica = at(place);
        Identity primary = replica.primary;
        long voters = replica.cluster.stream().filter(each -> !each.slots.isEmpty()).count();
        long up = replica.cluster.stream().filter(each -> each.up && !each.slots.isEmpty()).count();
        if (!replica.up || primary == null || primary.up || 2 * up <= voters) {
            return;
        }
        replica.slots = primary.slots;
        replica.epoch = 100 + replica.cluster.stream().mapToLong(each -> each.epoch).max().orElse(0);
        primary.slots = SlotBitmap.EMPTY;
        replica.primary = null;
        replica.cluster.stream().filter(each -> each.primary == primary).forEach(each -> each.primary = replica);
        primary.primary = replica;
    }

    /** The node at that place asks the seeds; some do not answer. */
    void survey(int place, int silentPercent) {
        processes.get(place).reports = processes.stream()
                .<SeedReport>map(each -> !each.identity.up || random.nextInt(100) < silentPercent
                        ? new Silent("down") : report(each.identity))
                .toList();
    }

    /** The node at that place takes the step that its last survey suggests; null if it has none. */
    Step step(int place) {
        Identity me = at(place);
        if (!me.up || processes.get(place).reports == null) {
            return null;
        }
        Process process = processes.get(place);
        Step step = process.plan.next(view(me), process.reports);
        process.reports = null;
        switch (step) {
            case Step.TakeSlots take -> {
                take(me, take);
                // or it is stopped in between
                if (take.founder() != null && !process.interrupted && random.nextInt(4) > 0) {
                    join(me, at(take.founder().port()));
                }
            }
            case Step.Meet(List<Step.Place> places) -> places.forEach(each -> join(me, at(each.port())));
            case Step.Follow(String id) ->
                me.primary = identities.stream().filter(each -> each.id.equals(id)).findFirst().orElseThrow();
            case Step.Wait _, Step.Done _ -> { }
        }
        return step;
    }

    private void take(Identity me, Step.TakeSlots take) {
        SlotBitmap wanted = SlotBitmap.range(take.first(), take.last());
        for (Identity other : identities) {
            boolean remembered = processes.stream().anyMatch(each -> each.identity.cluster.contains(other));
            if (other != me && remembered && other.slots.intersects(wanted)) {
                throw new AssertionError("slots were stolen from " + other.id);
            }
        }
        me.slots = wanted;
        me.epoch = take.configEpoch();
    }

    private void join(Identity me, Identity other) {
        if (!other.up) {
            return;
        }
        if (me.cluster.size() > 1 && me.cluster != other.cluster) {
            throw new AssertionError("two clusters were made one");
        }
        Set<Identity> all = new LinkedHashSet<>(other.cluster);
        all.addAll(me.cluster);
        all.forEach(each -> each.cluster = all);
    }

    private Told report(Identity node) {
        // the port stands for the place
        int place = IntStream.range(0, size()).filter(i -> at(i) == node).findFirst().orElseThrow();
        List<Member> members = node.cluster.stream().map(each -> new Member(
                each.id, each == node, 17000, each.primary == null ? "" : each.primary.id, !each.up, each.slots)).toList();
        return new Told("10.0.0.1", place, settings.text(), members);
    }

    private ClusterView view(Identity me) {
        List<NodeView> nodes = new ArrayList<>();
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        NodeView myself = null;
        for (Identity each : me.cluster) {
            NodeView view = view(each, each == me);
            nodes.add(view);
            myself = each == me ? view : myself;
            each.slots.forEach(slot -> owners[slot] = view);
        }
        return MadeUpView.of(myself, nodes, owners, Map.of(), Map.of(), true, 0, 0);
    }

    private static NodeView view(Identity node, boolean myself) {
        Set<NodeFlag> flags = new HashSet<>(Set.of(node.primary == null ? NodeFlag.PRIMARY : NodeFlag.REPLICA));
        if (myself) {
            flags.add(NodeFlag.MYSELF);
        }
        if (!node.up) {
            flags.add(NodeFlag.FAIL);
        }
        return new NodeView(new NodeId(node.id), "10.0.0.1", 6379, 0, 16379, "", "", node.id, flags,
                node.primary == null ? null : new NodeId(node.primary.id), 0, 0, node.epoch, node.up, 1);
    }

    /** The clusters of more than one member that own slots. */
    Set<Set<Identity>> clusters() {
        Set<Set<Identity>> clusters = new HashSet<>();
        for (Process process : processes) {
            Set<Identity> cluster = process.identity.cluster;
            if (cluster.size() > 1 && cluster.stream().anyMatch(each -> !each.slots.isEmpty())) {
                clusters.add(cluster);
            }
        }
        return clusters;
    }

    /** How the nodes stand, for a failure's message and for the finished state: slots and replicas, by place. */
    String describe() {
        TreeSet<String> lines = new TreeSet<>();
        for (int i = 0; i < size(); i++) {
            Identity node = at(i);
            String what = node.primary != null ? "replica of " + places(node.primary)
                    : node.slots.isEmpty() ? "empty" : "primary " + node.slots;
            lines.add(i + (node.up ? "" : " (down)") + " " + what + ", of " + node.cluster.size());
        }
        return String.join("\n", lines);
    }

    private String places(Identity node) {
        return IntStream.range(0, size()).filter(i -> at(i) == node).mapToObj(Integer::toString).findFirst().orElse("gone");
    }
}
