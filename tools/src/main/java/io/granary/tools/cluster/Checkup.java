package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.tools.cluster.Finding.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Everything about a surveyed cluster that is not as it should be, the worst first. */
public final class Checkup {

    private static final int RANGES_SHOWN = 5;

    private final Survey survey;
    private final int replicasLeast;
    private final List<Finding> findings = new ArrayList<>();

    private Checkup(Survey survey, int replicasLeast) {
        this.survey = survey;
        this.replicasLeast = replicasLeast;
    }

    /** @param replicasLeast how many replicas every primary must have */
    public static List<Finding> of(Survey survey, int replicasLeast) {
        Checkup checkup = new Checkup(survey, replicasLeast);
        checkup.nodes();
        checkup.coverage();
        checkup.openSlots();
        checkup.views();
        checkup.acquaintance();
        checkup.epochs();
        checkup.replicas();
        return List.copyOf(checkup.findings);
    }

    private void nodes() {
        for (NodeReport node : survey.reports()) {
            if (!node.reachable()) {
                findings.add(Finding.of(Kind.NODE_DOWN, node, node.address() + " does not answer: " + node.problem()));
            } else if (!node.ok()) {
                findings.add(Finding.of(Kind.STATE_FAIL, node, node.address() + " says cluster_state:" + node.state()));
            }
        }
        for (NodeReport witness : survey.answering()) {
            witness.known().stream().filter(entry -> entry.failed() || entry.flags().contains("fail?"))
                    .forEach(entry -> survey.answering().stream().filter(node -> node.id().equals(entry.id()))
                            .forEach(node -> findings.add(Finding.of(Kind.SUSPECTED, node, node.address()
                                    + " answers, but " + witness.address() + " takes it for "
                                    + (entry.failed() ? "failed" : "failing")))));
        }
    }

    private void coverage() {
        SlotSet uncovered = SlotSet.all();
        SlotSet several = new SlotSet();
        for (NodeReport primary : survey.primaries()) {
            primary.slots().forEach(slot -> {
                if (!uncovered.contains(slot)) {
                    several.add(slot);
                }
            });
            uncovered.removeAll(primary.slots());
        }
        if (!uncovered.isEmpty()) {
            findings.add(new Finding(Kind.SLOT_UNCOVERED, slots(uncovered) + " without an owner", List.of(), uncovered));
        }
        if (!several.isEmpty()) {
            List<String> owners = survey.primaries().stream()
                    .filter(primary -> intersect(primary.slots(), several))
                    .map(primary -> primary.address().toString()).toList();
            findings.add(new Finding(Kind.SLOT_OWNERS,
                    slots(several) + " with several owners: " + String.join(", ", owners), owners, several));
        }
    }

    private static boolean intersect(SlotSet one, SlotSet other) {
        SlotSet rest = SlotSet.copyOf(one);
        rest.removeAll(other);
        return rest.size() < one.size();
    }

    private void openSlots() {
        for (NodeReport node : survey.answering()) {
            Map<String, SlotSet> ends = new TreeMap<>();
            for (OpenSlot open : node.self().open()) {
                String peer = survey.find(open.peerId()).map(each -> each.address().toString()).orElse(open.peerId());
                ends.computeIfAbsent((open.importing() ? "imports from " : "migrates to ") + peer, _ -> new SlotSet())
                        .add(open.slot());
            }
            ends.forEach((end, slots) -> findings.add(Finding.of(Kind.SLOT_OPEN, node,
                    slots(slots) + " left open: " + node.address() + " " + end, slots)));
        }
    }

    /** A slot's owner is who says so, with the highest epoch if there are several. */
    private void views() {
        String[] owners = new String[Slot.COUNT];
        survey.primaries().stream().sorted((a, b) -> Long.compare(a.self().configEpoch(), b.self().configEpoch()))
                .forEach(primary -> primary.slots().forEach(slot -> owners[slot] = primary.id()));
        for (NodeReport witness : survey.answering()) {
            SlotSet different = new SlotSet();
            String[] seen = new String[Slot.COUNT];
            witness.known().forEach(entry -> SlotSet.of(entry.slots()).forEach(slot -> seen[slot] = entry.id()));
            for (int slot = 0; slot < Slot.COUNT; slot++) {
                if (owners[slot] != null && !owners[slot].equals(seen[slot])) {
                    different.add(slot);
                }
            }
            if (!different.isEmpty()) {
                findings.add(Finding.of(Kind.VIEW_DIFFERS, witness,
                        witness.address() + " sees other owners of " + slots(different), different));
            }
        }
    }

    private void acquaintance() {
        for (NodeReport witness : survey.answering()) {
            Set<String> known = witness.known().stream().filter(entry -> !entry.inHandshake()).map(NodeEntry::id)
                    .collect(Collectors.toSet());
            for (NodeReport node : survey.answering()) {
                if (!known.contains(node.id())) {
                    findings.add(Finding.of(Kind.NODE_UNKNOWN, witness,
                            witness.address() + " does not know " + node.address()));
                }
            }
        }
    }

    private void epochs() {
        Map<Long, NodeReport> holders = new HashMap<>();
        for (NodeReport primary : survey.primaries()) {
            NodeReport other = holders.putIfAbsent(primary.self().configEpoch(), primary);
            if (other != null && !primary.slots().isEmpty() && !other.slots().isEmpty()) {
                findings.add(Finding.of(Kind.EPOCH_COLLISION, primary, primary.address() + " and " + other.address()
                        + " have the same config epoch " + primary.self().configEpoch()));
            }
        }
    }

    private void replicas() {
        for (NodeReport node : survey.answering()) {
            if (!node.inStep()) {
                findings.add(Finding.of(Kind.REPLICA_LINK, node, node.address() + " has no link to its primary"));
            }
        }
        List<NodeReport> owners = survey.primaries().stream().filter(primary -> !primary.slots().isEmpty()).toList();
        boolean some = owners.stream().anyMatch(primary -> !survey.replicasOf(primary).isEmpty());
        for (NodeReport primary : owners) {
            int count = survey.replicasOf(primary).size();
            if (count < replicasLeast) {
                findings.add(Finding.of(Kind.REPLICAS_FEW, primary,
                        primary.address() + " has " + count + " replicas, not " + replicasLeast));
            } else if (count == 0 && some) {
                findings.add(Finding.of(Kind.REPLICA_NONE, primary, primary.address() + " has no replica"));
            }
        }
        hosts(owners);
    }

    private void hosts(List<NodeReport> owners) {
        Set<String> hosts = new HashSet<>();
        survey.answering().forEach(node -> hosts.add(node.address().host()));
        for (NodeReport primary : owners) {
            List<NodeReport> replicas = survey.replicasOf(primary);
            boolean together = replicas.stream().allMatch(each -> each.address().host().equals(primary.address().host()));
            if (hosts.size() > 1 && !replicas.isEmpty() && together) {
                findings.add(Finding.of(Kind.SAME_HOST, primary,
                        "all replicas of " + primary.address() + " are on its own host"));
            }
        }
    }

    /** How many slots and which, for people. */
    public static String slots(SlotSet slots) {
        return slots.size() + (slots.size() == 1 ? " slot (" : " slots (") + brief(slots) + ")";
    }

    private static String brief(SlotSet slots) {
        String first = slots.ranges().stream().limit(RANGES_SHOWN).map(Object::toString).collect(Collectors.joining(" "));
        return slots.ranges().size() > RANGES_SHOWN ? first + " ..." : first;
    }
}
