package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Slots that have come to this shard one by one, at an operator's word, while a majority may not know of it.
 *
 * <p>THE DANGER. Nobody is asked before a slot is claimed in this way. If its source has just failed, voters that have not
 * heard of the claim may elect a replica of the source, which then takes the slot back with a greater epoch; and a source
 * that takes another epoch before it hears of the claim does the same. All keys of the slot are here by then, and who loses
 * a slot deletes its keys (Redis does, and they are gone).
 *
 * <p>THE RULE. Until a majority has the claim on disk ({@link Assent}), the source or its successor that claims the slot in
 * this node's epoch or a later one gets it back, but the keys stay: the slot is open again as it was a moment ago, with the
 * source that has it marked on its way here, so clients are still sent after the keys, and the move can be made to its end
 * once more. Once a majority knows, the source's shard cannot have the slot again but by a move.
 *
 * <p>It is stored with the claim: between that and a majority's knowing of it this process may end, and start again.
 *
 * <p>WHAT IT COSTS. A question to the voters once a second while slots come, however many: each that answers has to sync its
 * nodes file.
 */
final class Arrivals {

    private static final long ASK_MS = 1000;

    private record Arrival(Node source, long atMs) {}

    private final ClusterState state;
    private final Messages messages;
    private final TreeMap<Integer, Arrival> arrivals = new TreeMap<>();

    /** What voters are being asked, and of which slots. */
    private Assent assent;

    private Set<Integer> asked = Set.of();

    private long askedMs;

    Arrivals(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    /** Takes up what an earlier process was not sure of: the keys are here, or as many of them as outlived it. */
    void restore(Map<NodeId, SlotBitmap> stored) {
        stored.forEach((source, slots) -> {
            Node node = state.node(source);
            if (node != null) {
                slots.forEach(slot -> arrivals.put(slot, new Arrival(node, state.nowMs)));
            }
        });
    }

    /** The clock goes from here on. */
    void started() {
        arrivals.replaceAll((_, each) -> new Arrival(each.source, state.nowMs));
    }

    /** By their sources. */
    Map<NodeId, SlotBitmap> stored() {
        Map<NodeId, BitSet> slots = new HashMap<>();
        arrivals.forEach((slot, arrival) -> slots.computeIfAbsent(arrival.source.id, _ -> new BitSet()).set(slot));
        Map<NodeId, SlotBitmap> stored = new HashMap<>();
        slots.forEach((source, each) -> stored.put(source, SlotBitmap.of(each)));
        return stored;
    }

    void arrived(int slot, Node source) {
        arrivals.put(slot, new Arrival(source, state.nowMs));
    }

    /** Of these slots those whose claim gives way to one of that node, the source's or its successor's, in that epoch. */
    SlotBitmap yielding(SlotBitmap slots, Node claimer, long epoch) {
        return epoch < state.myConfigEpoch() ? SlotBitmap.EMPTY : from(slots, claimer);
    }

    /** The slots are that node's. Those that came from there are open here again, and are returned. */
    SlotBitmap reopen(SlotBitmap slots, Node claimer) {
        SlotBitmap back = from(slots, claimer);
        if (!arrivals.isEmpty()) {
            slots.forEach(arrivals::remove);
        }
        back.forEach(slot -> state.importing.put(slot, claimer));
        return back;
    }

    private SlotBitmap from(SlotBitmap slots, Node claimer) {
        return arrivals.isEmpty() ? SlotBitmap.EMPTY : slots.filter(slot -> isFrom(slot, claimer));
    }

    /** Not where the slot is moved back there, by either way. */
    private boolean isFrom(int slot, Node claimer) {
        Arrival arrival = arrivals.get(slot);
        boolean movedOn = state.migrating.containsKey(slot) || state.kept.contains(slot);
        return arrival != null && !movedOn && arrival.source.shard().equals(claimer.shard());
    }

    void answered(Node node, BusHeader pong) {
        if (assent != null) {
            assent.answered(node, pong);
        }
    }

    void tick() {
        if (arrivals.isEmpty()) {
            assent = null;
            return;
        }
        Node primary = state.myself.isPrimary() ? state.myself : state.myself.primary;
        arrivals.keySet().removeIf(slot -> state.owner(slot) != primary);
        if (state.myself.isReplica()) {
            // its primary asks; this node would not hear of the outcome
            arrivals.values().removeIf(each -> state.nowMs - each.atMs > 2 * state.settings.nodeTimeoutMs());
        } else if (assent == null && state.storedConfigEpoch == state.myself.configEpoch
                && state.nowMs - askedMs >= ASK_MS) {
            askedMs = state.nowMs;
            assent = new Assent(state, messages, 0);
            asked = new TreeSet<>(arrivals.keySet());
        }
        if (assent != null) {
            assent.ask(voters());
        }
    }

    /** To be called after every input: forgets those that a majority knows of. */
    void step() {
        if (assent != null && assent.isGivenByMajority(voters())) {
            arrivals.keySet().removeAll(asked);
            assent = null;
        }
    }

    private List<Node> voters() {
        return state.nodes().stream().filter(Node::isVoter).toList();
    }
}
