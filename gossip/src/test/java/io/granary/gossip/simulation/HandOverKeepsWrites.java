package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What clients were told of slots that move is true. Whoever begins to serve a slot, in an epoch greater than all before,
 * has every write to it that was acknowledged, if it got the slot from another shard; if it was elected in the place of its
 * primary, those that all replicas had. And nobody acknowledges a write once somebody else serves the slot, unless that one
 * has it. Where data dies with a process, what died with the last one who had it is not asked for.
 */
final class HandOverKeepsWrites implements Invariant {

    private record Acknowledged(long id, boolean onAll) {}

    /** Somebody serves a slot, and had that when it began; what replication did not bring it is excused. */
    private record Service(
            SimulatedNode node, int incarnation, String shard, long epoch, Set<Long> had, List<Acknowledged> excused) {}

    private static final class Slot {
        private final int number;
        private List<Acknowledged> acknowledged = new ArrayList<>();
        private final Deque<Service> services = new ArrayDeque<>();

        Slot(int number) {
            this.number = number;
        }
    }

    private final Simulation simulation;
    private final boolean durable;
    private final Map<Integer, Slot> slots = new HashMap<>();
    private long acknowledged;
    private int handOvers;

    HandOverKeepsWrites(Simulation simulation, boolean durable, List<Integer> slots) {
        this.simulation = simulation;
        this.durable = durable;
        slots.forEach(slot -> this.slots.put(slot, new Slot(slot)));
        simulation.nodes().forEach(node -> sees(node, node.view(), node.view(), 0));
    }

    Set<Integer> slots() {
        return slots.keySet();
    }

    /** A primary and those that it knows as its replicas. */
    List<SimulatedNode> shardOf(SimulatedNode primary) {
        ClusterView view = primary.view();
        return simulation.nodes().stream()
                .filter(node -> node == primary || view.myself().id().equals(view.node(node.id()).primary())).toList();
    }

    long acknowledged() {
        return acknowledged;
    }

    int handOvers() {
        return handOvers;
    }

    static boolean serves(SimulatedNode node, int slot) {
        ClusterView view = node.view();
        return view.myself().isPrimary() && view.isMine(slot) && !view.handOvers().frozen().contains(slot);
    }

    @Override
    public void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {
        long epoch = view.myself().configEpoch();
        for (Slot slot : slots.values()) {
            if (before == null) {
                // of a replica that is the epoch of the primary that it remembers
                forgetUnsaved(slot, node, epoch);
            }
            Service last = slot.services.peekLast();
            if (!serves(node, slot.number) || last != null && epoch < last.epoch) {
                continue;
            }
            if (last != null && epoch == last.epoch && node != last.node) {
                Invariant.violated("%s and %s serve slot %d in epoch %d", node, last.node, slot.number, epoch);
            }
            boolean another = last == null || last.node != node;
            if (another ? last == null || epoch > last.epoch
                    : view.ok() && (epoch > last.epoch || node.incarnation() != last.incarnation)) {
                begins(slot, node, epoch, last, before == null && !durable);
            }
        }
    }

    /**
     * An election that was won and forgotten before anybody heard of it was not won. What it excused is asked for again,
     * unless somebody who began later lacked it, too.
     */
    private static void forgetUnsaved(Slot slot, SimulatedNode node, long epoch) {
        for (Service service : List.copyOf(slot.services)) {
            if (service.node == node && service.epoch > epoch) {
                slot.services.remove(service);
                service.excused.stream().filter(write -> slot.services.stream()
                        .allMatch(later -> later.epoch < service.epoch || later.had.contains(write.id)))
                        .forEach(slot.acknowledged::add);
            }
        }
    }

    /** {@code died}: its process had just stored that it serves the slot when it died with its data, and nobody saw it. */
    private void begins(Slot slot, SimulatedNode node, long epoch, Service last, boolean died) {
        Set<Long> has = SlotWrites.of(node, slot.number);
        List<Acknowledged> excused = new ArrayList<>();
        String shard = node.view().myself().shard();
        boolean handedOver = last != null && !last.shard.equals(shard);
        handOvers += handedOver ? 1 : 0;
        for (Acknowledged write : slot.acknowledged) {
            if (has.contains(write.id)) {
                continue;
            }
            if (last != null && !died && (write.onAll || handedOver) && isHeld(slot, write, node, last.node)) {
                Invariant.violated(
                        "%s serves slot %d in epoch %d without the write %x, acknowledged%s before; %s served it in epoch %d",
                        node, slot.number, epoch, write.id, write.onAll ? " on all" : "", last.node, last.epoch);
            }
            excused.add(write);
        }
        slot.acknowledged.removeAll(excused);
        slot.services.addLast(new Service(node, node.incarnation(), shard, epoch, has, excused));
    }

    private boolean isHeld(Slot slot, Acknowledged write, SimulatedNode node, SimulatedNode before) {
        if (durable) {
            return true;
        }
        for (SimulatedNode holder : simulation.nodes()) {
            boolean inStep = holder == before || holder.replication().follows(before) || holder.replication().follows(node);
            if (holder.isAlive() && inStep && SlotWrites.of(holder, slot.number).contains(write.id)) {
                return true;
            }
        }
        return false;
    }

    /** A client is told that its write is done, {@code onAll} that all replicas have it. */
    void acknowledges(SimulatedNode node, int number, long id, boolean onAll) {
        Slot slot = slots.get(number);
        long epoch = node.view().myself().configEpoch();
        Service last = slot.services.peekLast();
        boolean later = last != null && last.node != node && last.epoch > epoch;
        if (later && !last.had.contains(id)) {
            Invariant.violated("%s acknowledges a write to slot %d in epoch %d, and %s serves it in epoch %d without",
                    node, number, epoch, last.node, last.epoch);
        }
        acknowledged++;
        slot.acknowledged.removeIf(write -> write.id == id);
        slot.acknowledged.add(new Acknowledged(id, onAll));
    }

    /** What was acknowledged and a node does not have. */
    List<String> lacks(SimulatedNode node, int number) {
        Set<Long> has = SlotWrites.of(node, number);
        return slots.get(number).acknowledged.stream().filter(write -> !has.contains(write.id))
                .map(Acknowledged::toString).toList();
    }
}
