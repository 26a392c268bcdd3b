package io.granary.gossip;

import java.util.BitSet;

/** Answers what operators ask of the cluster with CLUSTER commands, with Redis's words. */
final class Operators {

    /** What came of a request: the reply, or why it was refused; and whether the reply waits for what has changed. */
    private record Outcome(String text, String error, boolean waits) {

        Outcome(String text, String error) {
            this(text, error, error == null);
        }
    }

    private static final Outcome OK = new Outcome("OK", null);
    private static final Outcome KNOWN = new Outcome("OK", null, false);

    private final ClusterState state;
    private final Links links;
    private final Membership membership;
    private final FailureDetector failures;
    private final Epochs epochs;
    private final FailoverOrders failovers;
    private final Blacklist blacklist;
    private final SlotMoves moves;

    Operators(
            ClusterState state,
            Links links,
            Messages messages,
            Membership membership,
            FailureDetector failures,
            Epochs epochs,
            FailoverOrders failovers,
            Blacklist blacklist,
            Arrivals arrivals) {
        this.state = state;
        this.links = links;
        this.membership = membership;
        this.failures = failures;
        this.epochs = epochs;
        this.failovers = failovers;
        this.blacklist = blacklist;
        moves = new SlotMoves(state, messages, epochs, failovers, arrivals);
    }

    /** A change is answered when it is on disk, and refused from the start while nothing can be stored. */
    void asked(long number, OperatorRequest request) {
        boolean change = !(request instanceof OperatorRequest.CountFailureReports
                || request instanceof OperatorRequest.Rehearse);
        if (change && state.out.failure() != null) {
            state.out.add(new Output.Answer(number, null, state.out.saveError()));
            return;
        }
        Outcome outcome = state.epochBound && changesOwnSlots(request)
                ? error("Slots of this node are changing hands, please try again")
                : outcome(request);
        Output.Answer answer = new Output.Answer(number, outcome.text, outcome.error);
        if (change && outcome.waits) {
            state.out.afterSave(answer);
        } else {
            state.out.add(answer);
        }
    }

    private static boolean changesOwnSlots(OperatorRequest request) {
        return request instanceof OperatorRequest.Rehearse(OperatorRequest rehearsed) && changesOwnSlots(rehearsed)
                || request instanceof OperatorRequest.DelSlots
                || request instanceof OperatorRequest.FlushSlots
                || request instanceof OperatorRequest.SetSlotNode
                || request instanceof OperatorRequest.Replicate
                || request instanceof OperatorRequest.Reset;
    }

    private Outcome outcome(OperatorRequest request) {
        return switch (request) {
            case OperatorRequest.Meet meet -> meet(meet);
            case OperatorRequest.AddSlots add -> addSlots(add.slots());
            case OperatorRequest.DelSlots del -> delSlots(del.slots());
            case OperatorRequest.FlushSlots _ -> flushSlots();
            case OperatorRequest.Forget forget -> forget(forget.id());
            case OperatorRequest.SetConfigEpoch set -> setConfigEpoch(set.epoch());
            case OperatorRequest.BumpEpoch _ ->
                new Outcome((epochs.bump() ? "BUMPED " : "STILL ") + state.myself.configEpoch, null);
            case OperatorRequest.Reset reset -> reset(reset.hard());
            case OperatorRequest.SaveConfig _ -> saved();
            case OperatorRequest.CountFailureReports count -> countFailureReports(count.id());
            case OperatorRequest.Replicate order -> done(failovers.replicate(order));
            case OperatorRequest.Failover order -> done(failovers.failover(order.kind()));
            case OperatorRequest.SetSlotMigrating _, OperatorRequest.SetSlotImporting _, OperatorRequest.SetSlotStable _,
                    OperatorRequest.SetSlotNode _ -> setSlot(request);
            case OperatorRequest.Rehearse(OperatorRequest rehearsed) -> done(moves.refusal(rehearsed, false));
            case OperatorRequest.FromPrimary(OperatorRequest told) -> fromPrimary(told);
            case OperatorRequest.HandOverStep step -> throw new IllegalArgumentException(step + " takes time");
        };
    }

    private static Outcome error(String text) {
        return new Outcome(null, "ERR " + text);
    }

    private static Outcome done(String refusal) {
        return refusal == null ? OK : error(refusal);
    }

    private Outcome saved() {
        state.changedDurably();
        return OK;
    }

    private Outcome meet(OperatorRequest.Meet meet) {
        return membership.meet(meet.host(), meet.port(), meet.busPort())
                ? OK
                : error("Invalid node address specified: " + meet.host() + ":" + meet.port());
    }

    private Outcome addSlots(int[] slots) {
        BitSet seen = new BitSet(ClusterView.SLOTS);
        for (int slot : slots) {
            if (state.owner(slot) != null) {
                return error("Slot " + slot + " is already busy");
            }
            if (seen.get(slot)) {
                return error("Slot " + slot + " specified multiple times");
            }
            seen.set(slot);
        }
        for (int slot : slots) {
            state.importing.remove(slot);
        }
        state.assign(SlotBitmap.of(slots), state.myself);
        return saved();
    }

    private Outcome delSlots(int[] slots) {
        BitSet seen = new BitSet(ClusterView.SLOTS);
        for (int slot : slots) {
            if (state.owner(slot) == null) {
                return error("Slot " + slot + " is already unassigned");
            }
            if (seen.get(slot)) {
                return error("Slot " + slot + " specified multiple times");
            }
            seen.set(slot);
        }
        for (int slot : slots) {
            state.importing.remove(slot);
        }
        state.release(SlotBitmap.of(slots));
        return saved();
    }

    private Outcome flushSlots() {
        state.release(state.myself.slots());
        return saved();
    }

    private Outcome forget(String id) {
        Node node = state.node(id);
        if (node == null) {
            // Another node may have told us to forget it a moment ago.
            return NodeId.isValid(id) && blacklist.contains(new NodeId(id)) ? OK : error("Unknown node " + id);
        }
        if (node == state.myself) {
            return error("I tried hard but I can't forget myself...");
        }
        if (node == state.myself.primary) {
            return error("Can't forget my master!");
        }
        blacklist.add(node.id);
        membership.remove(node);
        return saved();
    }

    private Outcome setConfigEpoch(long epoch) {
        if (state.nodes().size() > 1) {
            return error("The user can assign a config epoch only when the node does not know any other node.");
        }
        if (state.myself.configEpoch != 0) {
            return error("Node config epoch is already non-zero");
        }
        state.myself.configEpoch = epoch;
        state.currentEpoch = Math.max(state.currentEpoch, epoch);
        state.notice("configEpoch set to " + epoch + " via CLUSTER SET-CONFIG-EPOCH");
        return saved();
    }

    private Outcome reset(boolean hard) {
        boolean replica = failovers.reset();
        for (Node node : state.nodesNow()) {
            if (node != state.myself) {
                membership.remove(node);
            }
        }
        SlotBitmap all = SlotBitmap.range(0, ClusterView.SLOTS - 1);
        state.release(all);
        if (replica) {
            state.dropKeys(all);
        }
        state.migrating.clear();
        state.importing.clear();
        blacklist.clear();
        if (hard) {
            state.currentEpoch = 0;
            state.lastVoteEpoch = 0;
            state.myself.configEpoch = 0;
            state.notice("configEpoch set to 0 via CLUSTER RESET HARD");
            state.rename(state.myself, NodeId.random(state.random));
            state.myself.shard(NodeId.randomHex(state.random));
            state.notice("Node hard reset, now I'm " + state.myself.id);
            // Peers know our connections by the old name.
            links.closeInbound();
        }
        return saved();
    }

    private Outcome countFailureReports(String id) {
        Node node = state.node(id);
        return node == null ? error("Unknown node " + id) : new Outcome(Integer.toString(failures.reports(node)), null);
    }

    private Outcome setSlot(OperatorRequest request) {
        String refusal = moves.refusal(request, false);
        if (refusal != null) {
            return error(refusal);
        }
        if (moves.isKnown(request)) {
            return KNOWN;
        }
        moves.apply(request);
        return OK;
    }

    /** What makes no sense here is no matter: the primary may know better, and will say so on the bus. */
    private Outcome fromPrimary(OperatorRequest request) {
        if (state.myself.isReplica() && moves.refusal(request, true) == null && !moves.isKnown(request)) {
            moves.apply(request);
        }
        return OK;
    }
}
