package io.granary.tools.cluster;

import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What has to be done so that every slot has one owner, with all its keys, and none is open.
 *
 * <p>Each slot that is in question (without an owner, with several, or open somewhere) is looked at by itself:
 *
 * <ol>
 *   <li>Its owner is who calls it its own; of several the one with the highest config epoch, whom the others would give way
 *       to anyhow. Of a slot without an owner it is the primary with most of its keys, or if nobody has any the one with the
 *       fewest slots.
 *   <li>If the owner migrates the slot to a node that imports it from the owner, and nobody else has a part in it, the move
 *       is finished.
 *   <li>Otherwise all its keys are collected at the owner, and it is closed everywhere.
 * </ol>
 *
 * Slots that need the same are one step. Owners are settled before keys are sent, as a node only takes keys of slots that it
 * owns.
 */
public final class RepairPlan {

    private static final SlotSet NO_SLOTS = new SlotSet();
    /** How many slots somebody gets before another one is looked for. */
    private static final int RUN = 64;

    private final Survey survey;
    /** How many keys of each slot in question every primary has. */
    private final Map<NodeReport, int[]> keys = new LinkedHashMap<>();
    private final Map<NodeReport, Integer> load = new HashMap<>();
    /** The slots for which the same is to be done, behind a step without slots that says what. */
    private final Map<RepairStep, SlotSet> grouped = new LinkedHashMap<>();

    private NodeReport idlest;

    private RepairPlan(Survey survey) {
        this.survey = survey;
    }

    /** @param strays whether keys are looked for in all slots of all primaries, and not only in those in question */
    public static List<RepairStep> of(Survey survey, boolean strays, Access access) throws IOException {
        RepairPlan plan = new RepairPlan(survey);
        SlotSet questioned = plan.inQuestion();
        for (NodeReport primary : survey.primaries()) {
            int[] counts = StrayKeys.counts(primary, strays ? SlotSet.all() : questioned, access);
            plan.keys.put(primary, counts);
            plan.load.put(primary, primary.slots().size());
            for (int slot = 0; strays && slot < counts.length; slot++) {
                if (counts[slot] > 0 && !primary.slots().contains(slot)) {
                    questioned.add(slot);
                }
            }
        }
        questioned.forEach(plan::consider);
        return plan.steps();
    }

    private SlotSet inQuestion() {
        SlotSet questioned = SlotSet.all();
        questioned.removeAll(survey.covered());
        SlotSet once = new SlotSet();
        for (NodeReport primary : survey.primaries()) {
            primary.slots().forEach(slot -> {
                if (once.contains(slot)) {
                    questioned.add(slot);
                }
                once.add(slot);
            });
            primary.self().open().forEach(open -> questioned.add(open.slot()));
        }
        return questioned;
    }

    private void consider(int slot) {
        List<NodeReport> owners = survey.primaries().stream().filter(primary -> primary.slots().contains(slot))
                .sorted(Comparator.comparing((NodeReport primary) -> primary.self().configEpoch()).reversed()).toList();
        NodeReport owner = owners.isEmpty() ? heir(slot) : owners.getFirst();
        List<NodeReport> others = owners.size() > 1 ? owners.subList(1, owners.size()) : List.of();
        if (owners.isEmpty()) {
            load.merge(owner, 1, Integer::sum);
            group(slot, new RepairStep.Cover(NO_SLOTS, owner));
        } else if (!others.isEmpty()) {
            group(slot, new RepairStep.Settle(NO_SLOTS, owner, others));
        }
        List<NodeReport> opened = survey.primaries().stream().filter(primary -> open(primary, slot) != null).toList();
        List<NodeReport> holders = holders(slot).stream()
                .filter(each -> !each.equals(owner) && !others.contains(each)).toList();
        NodeReport target = owners.size() == 1 ? targetOf(slot, owner, opened) : null;
        if (target != null && holders.stream().allMatch(target::equals)) {
            group(slot, new RepairStep.Finish(NO_SLOTS, owner, target));
        } else if (!opened.isEmpty() || !holders.isEmpty()) {
            group(slot, new RepairStep.Collect(NO_SLOTS, owner, holders, opened));
        }
    }

    private void group(int slot, RepairStep step) {
        grouped.computeIfAbsent(step, _ -> new SlotSet()).add(slot);
    }

    private List<NodeReport> holders(int slot) {
        return keys.entrySet().stream().filter(entry -> entry.getValue()[slot] > 0).map(Map.Entry::getKey).toList();
    }

    /** Who becomes the owner of a slot that has none. */
    private NodeReport heir(int slot) {
        return holders(slot).stream().max(Comparator.comparing(each -> keys.get(each)[slot])).orElseGet(this::idlest);
    }

    /** The primary with the fewest slots, as it was found a few slots ago: so ranges stay together. */
    private NodeReport idlest() {
        NodeReport least = Collections.min(survey.primaries(), Comparator.comparing(load::get));
        if (idlest == null || load.get(idlest) >= load.get(least) + RUN) {
            idlest = least;
        }
        return idlest;
    }

    private static OpenSlot open(NodeReport node, int slot) {
        return node.self().open().stream().filter(open -> open.slot() == slot).findFirst().orElse(null);
    }

    /** The other end of a move that both ends know of, and no third node; else null. */
    private static NodeReport targetOf(int slot, NodeReport owner, List<NodeReport> opened) {
        OpenSlot out = open(owner, slot);
        if (out == null || out.importing() || opened.size() != 2) {
            return null;
        }
        NodeReport other = opened.get(opened.getFirst().equals(owner) ? 1 : 0);
        OpenSlot in = open(other, slot);
        return in.importing() && in.peerId().equals(owner.id()) && out.peerId().equals(other.id()) ? other : null;
    }

    private List<RepairStep> steps() {
        return grouped.entrySet().stream().map(entry -> entry.getKey().of(entry.getValue()))
                .sorted(Comparator.comparing(RepairPlan::turn)).toList();
    }

    private static int turn(RepairStep step) {
        return switch (step) {
            case RepairStep.Cover _ -> 0;
            case RepairStep.Settle _ -> 1;
            case RepairStep.Finish _ -> 2;
            case RepairStep.Collect _ -> 3;
        };
    }
}
