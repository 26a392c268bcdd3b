package io.granary.node.formation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.SlotBitmap;
import io.granary.node.formation.SeedReport.Silent;
import io.granary.node.formation.SeedReport.Told;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides what this node does next, from what it sees itself and what the seeds say of themselves.
 *
 * <p>THE IDEA. Nobody gives orders. Each node asks the seeds who they are (CLUSTER NODES) and changes only itself, by
 * requests that an operator might make. Its place in the list, which it finds by its own name among the answers, says what
 * it is to be: the first P seeds are primaries with equal shares of the slots, those behind them their replicas in turn.
 *
 * <p>WHO DECIDES. The first seed of the list founds the cluster, by taking the first share of the slots: one change, on its
 * own disk. It does so only when all P*(1+R) seeds answer, are configured alike, and are blank: they know nobody and own
 * nothing (but what a founder that is no more has let them take). So as long as one is missing, or comes with the volume of
 * an older cluster, nothing is founded. Everybody else acts only upon what it finds: primaries take their shares when the
 * founder has its own, all others join.
 *
 * <p>WHY NOTHING IS STOLEN. A share is taken only while no seed that answers knows an owner of any of its slots, dead or
 * alive (members forget an owner only when told to), and in the epoch that the share was born with, which every later owner
 * exceeds; and never by a node that knows others. Who finds its share owned joins without slots: that is a node whose volume
 * was lost, and it becomes a replica where one is missing.
 *
 * <p>WHY THERE ARE NOT TWO CLUSTERS. There is one founder. A node has itself introduced to strangers only while it is blank,
 * or when it owns its first share and nothing else and the founder's cluster lacks it; so two clusters that exist do not
 * become one, whatever the list says.
 *
 * <p>WHAT IS LEFT TO THE OPERATOR. A founder that loses its volume in the moment between its own share and the others', and
 * shards of which no copy is left: slots whose owner is gone for good are given to nobody.
 */
final class FormationPlan {

    private final FormationSettings settings;

    /** Where this node has found itself; it may be too busy to answer itself the next time. */
    private int ownPlace = -1;

    FormationPlan(FormationSettings settings) {
        this.settings = settings;
    }

    /** The next step of a node on its way in; {@code reports} are in the order of the seeds. */
    Step next(ClusterView view, List<SeedReport> reports) {
        NodeView me = view.myself();
        SlotBitmap mine = view.slotsOf(me);
        boolean alone = view.nodes().stream().noneMatch(node -> node != me && !node.is(NodeFlag.HANDSHAKE));
        if (!me.isPrimary()) {
            return new Step.Done("a replica of " + me.primary());
        }
        if (!alone) {
            return mine.isEmpty() ? appoint(view, reports) : new Step.Done("a primary with " + mine.size() + " slots");
        }
        return mine.isEmpty() ? begin(me, reports) : goOn(view, mine, reports);
    }

    /** This node knows nobody and owns nothing. */
    private Step begin(NodeView me, List<SeedReport> reports) {
        int place = place(me, reports);
        Told cluster = cluster(me, reports);
        if (cluster == null) {
            return place == 0 && settings.primaries() > 0 ? found(reports)
                    : new Step.Wait(whyNothingIsFound(place, reports));
        }
        if (place < 0 && mayBeSilentPrimary(reports)) {
            return new Step.Wait("none of the seeds that answer is this node, and not all slots have owners yet");
        }
        boolean hasShare = place > 0 && place < settings.primaries();
        if (!hasShare || !isFree(settings.share(place), me, reports)) {
            return meet(cluster);
        }
        if (!(reports.getFirst() instanceof Told founder)) {
            return new Step.Wait(missing(0, reports));
        }
        return isFounder(founder) ? take(place, place(founder)) : meet(cluster);
    }

    /** Whether one of the first seeds, which does not answer, may be this node and have a share to take. */
    private boolean mayBeSilentPrimary(List<SeedReport> reports) {
        BitSet owned = new BitSet(ClusterView.SLOTS);
        reports.stream().filter(Told.class::isInstance)
                .forEach(report -> ((Told) report).members().forEach(member -> member.slots().forEach(owned::set)));
        return owned.cardinality() < ClusterView.SLOTS
                && reports.subList(0, settings.primaries()).stream().anyMatch(Silent.class::isInstance);
    }

    private String whyNothingIsFound(int place, List<SeedReport> reports) {
        if (settings.primaries() == 0) {
            return "no seed is in a cluster yet, and cluster-init-primaries is 0";
        }
        return place < 0 && reports.getFirst() instanceof Told
                ? "the first seed founds the cluster, and none of the seeds that answer is this node"
                : "the first seed, " + settings.seeds().getFirst() + ", has not founded the cluster yet"
                        + (reports.getFirst() instanceof Silent(String reason) ? " (" + reason + ")" : "");
    }

    /** Founds the cluster if everybody is there who is to be in it. */
    private Step found(List<SeedReport> reports) {
        for (int i = 1; i < settings.founders(); i++) {
            String objection = objection(i, reports);
            if (objection != null) {
                return new Step.Wait(objection);
            }
        }
        return take(0, null);
    }

    /** Why nothing can be founded with this seed, or null. */
    private String objection(int place, List<SeedReport> reports) {
        if (!(reports.get(place) instanceof Told told)) {
            return missing(place, reports);
        }
        String seed = settings.seeds().get(place).toString();
        if (!told.isBlank() && !hasOnlyItsShare(told, place)) {
            return seed + " is not blank";
        }
        if (!told.plan().equals(settings.text())) {
            return seed + " has other values of " + String.join(", ", FormationSettings.DIRECTIVES);
        }
        return isSeenBefore(told, place, reports) ? seed + " is the same node as another seed" : null;
    }

    private static boolean isSeenBefore(Told told, int place, List<SeedReport> reports) {
        return reports.subList(0, place).stream()
                .anyMatch(report -> report instanceof Told other && other.self().id().equals(told.self().id()));
    }

    private String missing(int place, List<SeedReport> reports) {
        String reason = reports.get(place) instanceof Silent(String text) ? text : "no answer";
        return settings.seeds().get(place) + " is missing (" + reason + ")";
    }

    private Step take(int place, Step.Place founder) {
        return new Step.TakeSlots(settings.firstSlot(place), settings.firstSlot(place + 1) - 1, place + 1L, founder);
    }

    /** This node knows nobody, but owns slots: its first share, if it was stopped on its way in. */
    private Step goOn(ClusterView view, SlotBitmap mine, List<SeedReport> reports) {
        int place = place(view.myself(), reports);
        if (settings.primaries() <= 1 || place == 0) {
            return new Step.Done("its founder, with " + mine.size() + " slots");
        }
        boolean hasFirstShare = place > 0 && place < settings.primaries() && mine.equals(settings.share(place));
        if (place >= 0 && !hasFirstShare) {
            return new Step.Done("a primary with slots of its own, which joins nobody by itself");
        }
        if (place < 0 || !(reports.getFirst() instanceof Told founder)) {
            return new Step.Wait(place < 0 ? "none of the seeds that answer is this node" : missing(0, reports));
        }
        if (isFounder(founder) && isFree(mine, view.myself(), reports)) {
            return meet(founder);
        }
        return new Step.Wait("the first seed's cluster has other owners of this node's slots");
    }

    /** This node is in the cluster, and owns nothing. */
    private Step appoint(ClusterView view, List<SeedReport> reports) {
        if (settings.replicasEach() == 0) {
            return new Step.Done("a primary without slots");
        }
        int place = place(view.myself(), reports);
        NodeView wished = wished(view, place, reports);
        if (wished != null && replicas(wished, view, reports) < settings.replicasEach()) {
            return new Step.Follow(wished.id().hex());
        }
        for (int slot = 0; slot < ClusterView.SLOTS; slot++) {
            if (view.owner(slot) == null) {
                return new Step.Wait("slot " + slot + " has no owner yet");
            }
        }
        List<NodeView> lacking = lacking(view, reports);
        if (lacking.isEmpty()) {
            // somebody who is out of reach may be about to be replaced, and then a replica is missing
            return view.nodes().stream().anyMatch(FormationPlan::isLost)
                    ? new Step.Wait("no primary lacks a replica yet, but a member is out of reach")
                    : new Step.Done("a primary without slots, as no primary lacks a replica");
        }
        return new Step.Follow(lacking.get(Math.max(0, place) % lacking.size()).id().hex());
    }

    /** The primary whose replica this node was made for, if it is one that can be followed. */
    private NodeView wished(ClusterView view, int place, List<SeedReport> reports) {
        if (place < settings.primaries() || place >= settings.founders()
                || !(reports.get((place - settings.primaries()) % settings.primaries()) instanceof Told told)) {
            return null;
        }
        return view.nodes().stream()
                .filter(node -> node.id().hex().equals(told.self().id()) && canBeFollowed(node, view))
                .findFirst().orElse(null);
    }

    /** The primaries that have the fewest replicas, if that is fewer than all are to have; in an order that all agree on. */
    private List<NodeView> lacking(ClusterView view, List<SeedReport> reports) {
        List<NodeView> primaries = view.nodes().stream()
                .filter(node -> canBeFollowed(node, view)).sorted(Comparator.comparing(NodeView::id)).toList();
        int fewest = primaries.stream().mapToInt(node -> replicas(node, view, reports)).min().orElse(Integer.MAX_VALUE);
        return fewest >= settings.replicasEach() ? List.of()
                : primaries.stream().filter(node -> replicas(node, view, reports) == fewest).toList();
    }

    private static boolean canBeFollowed(NodeView node, ClusterView view) {
        return node != view.myself() && node.isPrimary() && !view.slotsOf(node).isEmpty()
                && !node.is(NodeFlag.FAIL) && !node.is(NodeFlag.PFAIL) && !node.is(NodeFlag.HANDSHAKE);
    }

    /** How many live replicas anybody knows of; who has just joined knows less than the others. */
    private static int replicas(NodeView primary, ClusterView view, List<SeedReport> reports) {
        long known = view.replicasOf(primary.id()).stream()
                .filter(node -> !node.is(NodeFlag.FAIL) && !node.is(NodeFlag.PFAIL)).count();
        long told = reports.stream().filter(Told.class::isInstance).map(Told.class::cast)
                .mapToLong(report -> report.members().stream()
                        .filter(member -> member.primary().equals(primary.id().hex()) && !member.failing()).count())
                .max().orElse(0);
        return (int) Math.max(known, told);
    }

    /** This node's place in the list, -1 as long as no seed that answers was this node. */
    private int place(NodeView me, List<SeedReport> reports) {
        for (int i = 0; i < reports.size() && ownPlace < 0; i++) {
            if (reports.get(i) instanceof Told told && told.self().id().equals(me.id().hex())) {
                ownPlace = i;
            }
        }
        return ownPlace;
    }

    /** The first seed that is part of a cluster, or has founded one; not one that is still on its way to the founder. */
    private Told cluster(NodeView me, List<SeedReport> reports) {
        for (int i = 0; i < reports.size(); i++) {
            boolean joinable = reports.get(i) instanceof Told told && !told.isBlank()
                    && !told.self().id().equals(me.id().hex()) && (i == 0 || !hasOnlyItsShare(told, i));
            if (joinable) {
                return (Told) reports.get(i);
            }
        }
        return null;
    }

    /** Whether the seed at that place knows nobody, and owns the share that it has at first. */
    private boolean hasOnlyItsShare(Told seed, int place) {
        return seed.members().size() == 1 && place < settings.primaries()
                && seed.self().slots().equals(settings.share(place));
    }

    private boolean isFounder(Told seed) {
        return seed.self().slots().equals(settings.share(0)) && seed.self().primary().isEmpty();
    }

    /** Whether no seed knows another owner of any of the slots. */
    private static boolean isFree(SlotBitmap slots, NodeView me, List<SeedReport> reports) {
        return reports.stream().noneMatch(report -> report instanceof Told told && told.members().stream()
                .anyMatch(member -> !member.id().equals(me.id().hex()) && member.slots().intersects(slots)));
    }

    private static Step.Meet meet(Told seed) {
        return new Step.Meet(List.of(place(seed)));
    }

    private static Step.Place place(Told seed) {
        return new Step.Place(seed.ip(), seed.port(), seed.self().busPort());
    }

    /**
     * The seeds that are members of this node's cluster, but are not where it looks for them; to be met again, which tells
     * each of the two where the other is. Only such as know this node, too: one that was sent to another cluster does not.
     */
    static List<Step.Place> strays(ClusterView view, List<SeedReport> reports) {
        List<Step.Place> strays = new ArrayList<>();
        String me = view.myself().id().hex();
        for (SeedReport report : reports) {
            if (report instanceof Told told && told.knows(me)) {
                view.nodes().stream()
                        .filter(node -> node.id().hex().equals(told.self().id()) && isLost(node) && node != view.myself())
                        .findFirst().ifPresent(_ -> strays.add(place(told)));
            }
        }
        return strays;
    }

    /** What a plan goes by of a node that is known: whoever sees another standing may have something to do. */
    record Standing(NodeId id, Set<NodeFlag> flags, NodeId primary, boolean linked, boolean hasSlots) {}

    static List<Standing> standings(ClusterView view) {
        Set<NodeView> owners = view.ranges().stream().map(ClusterView.OwnedRange::owner).collect(Collectors.toSet());
        return view.nodes().stream().map(node -> new Standing(
                node.id(), node.flags(), node.primary(), node.linked(), owners.contains(node))).toList();
    }

    /** Whether there is no connection to a member. */
    static boolean isLost(NodeView node) {
        return !node.linked() && !node.is(NodeFlag.MYSELF) && !node.is(NodeFlag.HANDSHAKE);
    }

    /**
     * Where this node itself was found, if that is elsewhere than it believes: meeting itself there, it learns its address.
     * Null if it is right, or if it was found by an address that is none for others.
     */
    static Step.Place ownAddress(ClusterView view, List<SeedReport> reports) {
        NodeView me = view.myself();
        return reports.stream()
                .filter(report -> report instanceof Told told && told.self().id().equals(me.id().hex())
                        && !Objects.equals(told.ip(), me.ip()) && !me.ip().isEmpty() && !isLoopback(told.ip()))
                .map(report -> place((Told) report)).findFirst().orElse(null);
    }

    private static boolean isLoopback(String ip) {
        return ip.startsWith("127.") || ip.equals("::1");
    }
}
