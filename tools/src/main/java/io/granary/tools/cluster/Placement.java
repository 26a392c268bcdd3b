package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which nodes of a new cluster own which slots, and who replicates whom. The same nodes in the same order are always placed
 * alike, so that an interrupted creation can be taken up.
 *
 * <p>Primaries are taken from the hosts in turn, so that no host has more of them than it must. Each replica is then given
 * to the primary that has the fewest; among those to one on another host, best on a host where the primary has no replica
 * yet. At last replicas exchange their primaries as long as two of them gain by it together.
 *
 * @param slots of each primary
 * @param primaries of each replica
 */
public record Placement(Map<Address, SlotRange> slots, Map<Address, Address> primaries) {

    /** Worse than any number of replicas that share a host. */
    private static final int ON_THE_PRIMARYS_HOST = 1_000_000;
    private static final int EXCHANGES_MAX = 1000;

    /**
     * @param replicasEach how many replicas every primary gets, as far as there are nodes; those left over are dealt out too
     */
    public static Placement of(List<Address> nodes, int replicasEach) {
        List<Address> turns = inTurns(nodes);
        int count = Math.max(1, nodes.size() / (1 + replicasEach));
        List<SlotRange> shares = shares(count);
        Map<Address, SlotRange> slots = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            slots.put(turns.get(i), shares.get(i));
        }
        Map<Address, Address> primaries = new LinkedHashMap<>();
        for (Address replica : turns.subList(count, turns.size())) {
            primaries.put(replica, primaryFor(replica, slots.keySet().stream().toList(), primaries));
        }
        exchange(primaries);
        return new Placement(slots, primaries);
    }

    /** One node of each host, then the next of each, and so on. */
    private static List<Address> inTurns(List<Address> nodes) {
        Map<String, Integer> seen = new HashMap<>();
        Map<Address, Integer> turn = new HashMap<>();
        nodes.forEach(node -> turn.put(node, seen.merge(node.host(), 1, Integer::sum)));
        return nodes.stream().sorted(Comparator.comparing(turn::get)).toList();
    }

    /** All slots in {@code count} runs whose sizes differ by at most one. */
    static List<SlotRange> shares(int count) {
        List<SlotRange> shares = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shares.add(new SlotRange(Slot.COUNT * i / count, Slot.COUNT * (i + 1) / count - 1));
        }
        return shares;
    }

    private static Address primaryFor(Address replica, List<Address> candidates, Map<Address, Address> primaries) {
        return Collections.min(candidates, Comparator
                .comparingLong((Address primary) -> primaries.values().stream().filter(primary::equals).count())
                .thenComparing(primary -> crowd(replica, primary, primaries)));
    }

    /** How badly a replica would be placed: its host has the primary itself, or other replicas of it. */
    private static int crowd(Address replica, Address primary, Map<Address, Address> primaries) {
        int others = (int) primaries.entrySet().stream().filter(entry -> !entry.getKey().equals(replica)
                && entry.getValue().equals(primary) && entry.getKey().host().equals(replica.host())).count();
        return others + (primary.host().equals(replica.host()) ? ON_THE_PRIMARYS_HOST : 0);
    }

    /** The two replicas that gain most by it exchange their primaries, until none do; each time the crowds get smaller. */
    private static void exchange(Map<Address, Address> primaries) {
        for (int i = 0; i < EXCHANGES_MAX; i++) {
            Address[] best = null;
            int most = 0;
            for (Address one : List.copyOf(primaries.keySet())) {
                boolean well = crowd(one, primaries.get(one), primaries) == 0;
                for (Address other : well ? List.<Address>of() : primaries.keySet()) {
                    int gain = gain(one, other, primaries);
                    if (gain > most) {
                        most = gain;
                        best = new Address[] {one, other};
                    }
                }
            }
            if (best == null) {
                return;
            }
            swap(best[0], best[1], primaries);
        }
    }

    /** By how much two replicas are less crowded after an exchange. */
    private static int gain(Address one, Address other, Map<Address, Address> primaries) {
        int before = crowd(one, primaries.get(one), primaries) + crowd(other, primaries.get(other), primaries);
        swap(one, other, primaries);
        int after = crowd(one, primaries.get(one), primaries) + crowd(other, primaries.get(other), primaries);
        swap(one, other, primaries);
        return before - after;
    }

    private static void swap(Address one, Address other, Map<Address, Address> primaries) {
        Address first = primaries.get(one);
        primaries.put(one, primaries.get(other));
        primaries.put(other, first);
    }

    /** The replicas that are on the host of their primary. */
    public List<Address> together() {
        return primaries.entrySet().stream().filter(entry -> entry.getKey().host().equals(entry.getValue().host()))
                .map(Map.Entry::getKey).toList();
    }
}
