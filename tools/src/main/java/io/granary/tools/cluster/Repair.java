package io.granary.tools.cluster;

import io.granary.resp.Frame;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Carries out the steps of a {@link RepairPlan}. What cannot be done is told, and the rest done: one key that two nodes have
 * different values of must not keep other slots from being mended. A repair that ends half way is planned anew from what is
 * there then.
 */
public final class Repair {

    /** How often a slot is tried again whose nodes were down for a moment. */
    private static final int TRIES_MORE = 5;

    private final Survey survey;
    private final Links links;
    private final SlotMove moves;
    private final Consumer<String> progress;
    private final List<String> failures = new ArrayList<>();

    /** @param progress is told each step as it begins */
    public Repair(Survey survey, Links links, SlotMove.Style style, Consumer<String> progress) {
        this.survey = survey;
        this.links = links;
        this.moves = new SlotMove(links, survey, style);
        this.progress = progress;
    }

    /** Returns what could not be done, in words for people. */
    public List<String> run(List<RepairStep> steps, Deadline deadline) throws IOException {
        boolean served = false;
        for (RepairStep step : steps) {
            if (!served && !(step instanceof RepairStep.Cover)) {
                awaitServing(deadline);
                served = true;
            }
            progress.accept(step.text());
            switch (step) {
                case RepairStep.Cover cover -> attempt(() -> cover(cover));
                case RepairStep.Settle settle -> attempt(() -> settle(settle, deadline));
                case RepairStep.Finish finish ->
                        eachSlot(finish.slots(), deadline, slot -> moves.move(slot, finish.source(), finish.target()));
                case RepairStep.Collect collect -> eachSlot(collect.slots(), deadline, slot -> collect(slot, collect));
            }
        }
        return List.copyOf(failures);
    }

    private interface Deed {
        void run() throws IOException;
    }

    private interface SlotDeed {
        void run(int slot) throws IOException;
    }

    private void attempt(Deed deed) {
        try {
            deed.run();
        } catch (IOException e) {
            failures.add(e.getMessage());
        }
    }

    private void eachSlot(SlotSet slots, Deadline deadline, SlotDeed deed) {
        slots.forEach(slot -> {
            try {
                patiently(slot, deadline, deed);
            } catch (IOException e) {
                failures.add("slot " + slot + ": " + e.getMessage());
            }
        });
    }

    /** A cluster may be down for a moment; all that is done for a slot may be done again. */
    private void patiently(int slot, Deadline deadline, SlotDeed deed) throws IOException {
        for (int i = 0; ; i++) {
            try {
                deed.run(slot);
                return;
            } catch (IOException e) {
                if (i == TRIES_MORE || deadline.passed() || !e.getMessage().contains("CLUSTERDOWN")) {
                    throw e;
                }
                awaitServing(deadline);
            }
        }
    }

    /** Nodes of a cluster that is down do not move keys. If they stay so, trying tells more than we could. */
    private void awaitServing(Deadline deadline) throws IOException {
        Access access = links.access();
        List<NodeReport> primaries = survey.primaries();
        deadline.await(() -> Survey.of(primaries.stream().map(NodeReport::address).toList(), access).reports().stream()
                .allMatch(report -> report.ok() || !report.reachable()));
    }

    /**
     * All at once or not at all. The owner may still see somebody else, who is dead, as the owner. It gets a higher epoch
     * than that one's before its claim is heard: others would answer a lower claim with the dead one's, and it would yield.
     */
    private void cover(RepairStep.Cover cover) throws IOException {
        NodeReport now = NodeReport.of(cover.owner().address(), links.access());
        SlotSet seen = new SlotSet();
        now.known().forEach(entry -> seen.addAll(SlotSet.of(entry.slots())));
        SlotSet others = SlotSet.copyOf(cover.slots());
        cover.slots().forEach(slot -> {
            if (!seen.contains(slot)) {
                others.remove(slot);
            }
        });
        links.require(cover.owner(), "MULTI");
        links.require(cover.owner(), "CLUSTER", "BUMPEPOCH");
        if (!others.isEmpty()) {
            links.require(cover.owner(), words("DELSLOTS", others));
        }
        links.require(cover.owner(), words("ADDSLOTS", cover.slots()));
        for (Frame reply : links.require(cover.owner(), "EXEC").items()) {
            if (reply.isError()) {
                throw new IOException("node " + cover.owner().address() + ": " + reply.text());
            }
        }
    }

    private static Object[] words(String verb, SlotSet slots) {
        List<Object> words = new ArrayList<>(List.of("CLUSTER", verb));
        slots.forEach(words::add);
        return words.toArray();
    }

    /**
     * Those who give way do so before the owner's claim gets a higher epoch: a node that hears of a better claim to slots
     * that it calls its own removes the keys.
     */
    private void settle(RepairStep.Settle settle, Deadline deadline) throws IOException {
        for (NodeReport other : settle.others()) {
            links.require(other, words("DELSLOTS", settle.slots()));
        }
        for (NodeReport other : settle.others()) {
            eachSlot(settle.slots(), deadline, slot -> send(slot, other, settle.owner()));
        }
        links.require(settle.owner(), "CLUSTER", "BUMPEPOCH");
    }

    private void collect(int slot, RepairStep.Collect collect) throws IOException {
        if (collect.opened().contains(collect.owner())) {
            close(slot, collect.owner());
        }
        for (NodeReport holder : collect.holders()) {
            send(slot, holder, collect.owner());
        }
        for (NodeReport opened : collect.opened()) {
            if (!opened.equals(collect.owner()) && !collect.holders().contains(opened)) {
                close(slot, opened);
            }
        }
    }

    /** A node only sends keys of slots that it knows the owner of and has open. */
    private void send(int slot, NodeReport holder, NodeReport owner) throws IOException {
        links.require(holder, "CLUSTER", "SETSLOT", slot, "NODE", owner.id());
        links.require(holder, "CLUSTER", "SETSLOT", slot, "IMPORTING", owner.id());
        moves.moveKeys(slot, holder, owner);
        close(slot, holder);
    }

    private void close(int slot, NodeReport node) throws IOException {
        links.require(node, "CLUSTER", "SETSLOT", slot, "STABLE");
    }
}
