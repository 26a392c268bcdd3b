package io.granary.gossip;

/**
 * SETSLOT: what an operator says of one slot on its way from one primary to another, the classic way.
 *
 * <p>A primary that dies in the middle takes along what it was told, unless its replicas know it as well; so they are told
 * before the primary does it ({@link OperatorRequest.FromPrimary}). They keep the open slots of their primary as their own,
 * and whoever of them is elected goes on with them. When a new owner is named, the replicas of the new owner believe it
 * first: would the primary die after the first of its peers has heard its claim, nobody else could claim the slot. It is the
 * primary's claim alone, under a greater epoch, that the other shards believe.
 */
final class SlotMoves {

    private final ClusterState state;
    private final Messages messages;
    private final Epochs epochs;
    private final FailoverOrders failovers;
    private final Arrivals arrivals;

    SlotMoves(ClusterState state, Messages messages, Epochs epochs, FailoverOrders failovers, Arrivals arrivals) {
        this.state = state;
        this.messages = messages;
        this.epochs = epochs;
        this.failovers = failovers;
        this.arrivals = arrivals;
    }

    /** Why this primary, or this replica for its primary, would not do it; null if it would. */
    String refusal(OperatorRequest request, boolean forPrimary) {
        if (state.myself.isReplica() && !forPrimary) {
            return "Please use SETSLOT only with masters.";
        }
        return switch (request) {
            case OperatorRequest.SetSlotMigrating(int slot, String target) -> state.owner(slot) != primary()
                    ? "I'm not the owner of hash slot " + slot
                    : noPrimary(target, "I don't know about node " + target);
            case OperatorRequest.SetSlotImporting(int slot, String source) -> state.owner(slot) == primary()
                    ? "I'm already the owner of hash slot " + slot
                    : noPrimary(source, "I don't know about node " + source);
            case OperatorRequest.SetSlotStable _ -> null;
            case OperatorRequest.SetSlotNode set -> refusal(set);
            default -> throw new IllegalArgumentException(request + " is not about a slot that moves");
        };
    }

    private String refusal(OperatorRequest.SetSlotNode set) {
        String reason = noPrimary(set.owner(), "Unknown node " + set.owner());
        if (reason == null && state.owner(set.slot()) == state.myself && state.node(set.owner()) != state.myself
                && set.keysLeft()) {
            return "Can't assign hashslot " + set.slot()
                    + " to a different node while I still hold keys for this hash slot.";
        }
        return reason;
    }

    private String noPrimary(String id, String unknown) {
        Node node = state.node(id);
        if (node == null) {
            return unknown;
        }
        return node.isReplica() ? "Target node is not a master" : null;
    }

    /** The primary of this node's shard. */
    private Node primary() {
        return state.myself.primary == null ? state.myself : state.myself.primary;
    }

    /** Whether a request says what is so already: a tool that moves a slot tells every primary, which may have heard. */
    boolean isKnown(OperatorRequest request) {
        return switch (request) {
            case OperatorRequest.SetSlotMigrating(int slot, String target) ->
                state.migrating.get(slot) == state.node(target);
            case OperatorRequest.SetSlotImporting(int slot, String source) ->
                state.importing.get(slot) == state.node(source);
            case OperatorRequest.SetSlotStable(int slot) -> !isOpen(slot);
            case OperatorRequest.SetSlotNode set ->
                state.owner(set.slot()) == state.node(set.owner()) && !isOpen(set.slot());
            default -> false;
        };
    }

    private boolean isOpen(int slot) {
        return state.migrating.containsKey(slot) || state.importing.containsKey(slot);
    }

    /**
     * Does what is not {@linkplain #refusal refused}, and sees to it that it is stored.
     *
     * <p>A tool says this five times for each of thousands of slots, one after the other, so none of it waits for the disk
     * but a new epoch. A process that dies has it all; what a power cut costs is the last second, in which
     * Redis's nodes would lose everything since their last epoch.
     */
    void apply(OperatorRequest request) {
        switch (request) {
            case OperatorRequest.SetSlotMigrating(int slot, String target) ->
                state.migrating.put(slot, state.node(target));
            case OperatorRequest.SetSlotImporting(int slot, String source) ->
                state.importing.put(slot, state.node(source));
            case OperatorRequest.SetSlotStable(int slot) -> {
                state.importing.remove(slot);
                state.migrating.remove(slot);
            }
            case OperatorRequest.SetSlotNode set -> setOwner(set);
            default -> throw new IllegalArgumentException(request + " is not about a slot that moves");
        }
        state.changedForTheProcess();
    }

    /** The end of a move, said to both sides: the slot has a new owner. */
    private void setOwner(OperatorRequest.SetSlotNode set) {
        int slot = set.slot();
        Node node = state.node(set.owner());
        if (!set.keysLeft() || node != primary()) {
            state.migrating.remove(slot);
        }
        boolean wasMine = state.owner(slot) == state.myself;
        state.assign(SlotBitmap.of(slot), node);
        if (wasMine && state.myself.slotCount() == 0 && state.settings.replicas().allowMigration()) {
            failovers.lastSlotWent(node);
        }
        Node source = node == primary() ? state.importing.remove(slot) : null;
        if (source != null) {
            arrivals.arrived(slot, source);
        }
        if (source != null && node == state.myself) {
            // The old owner claims the slot until it hears of this: only a greater epoch makes everybody believe the new
            // one. They hear of it as soon as it is on disk.
            if (epochs.bump()) {
                state.notice("configEpoch updated after importing slot " + slot);
            } else {
                messages.broadcastPong();
            }
        }
    }
}
