package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who owns which slot, according to this node.
 *
 * <p>THE DANGER. There is no table of slots that all agree on. Each primary says in every heartbeat which slots it
 * claims, and in which config epoch; each receiver keeps the best claim that it has heard for each slot. Believing too
 * little leaves a slot with an owner that is gone; believing too much gives it to one that came back from the past, and
 * the writes of the rightful owner are lost.
 *
 * <p>THE RULE. A claim is taken over if nobody owns the slot, or if its epoch is greater than the owner's. Equal epochs
 * change nothing (see {@link Epochs#partFrom}). The epoch compared is the one in the message, never the greatest that was
 * heard of the sender: an old message may still be on its way. So each slot only moves upwards in epochs, and two nodes
 * that have heard the same claims in any order believe the same.
 *
 * <p>THE FOUR EXCEPTIONS. A slot that is being imported here is not touched by gossip, since the operator who moves it
 * will say when it is done. A slot that its owner stops to claim stays with it, for clients must be sent somewhere; but
 * it is marked as abandoned, so that any claim takes it and nobody is told of it as a fact. A claimer with an older epoch
 * than the owner's is told by UPDATE who owns the slot, because after a partition the owner itself may not be able to
 * tell. And a primary that becomes a replica of its shard's new primary hands over all slots at once.
 *
 * <p>WHAT IT COSTS TO LOSE. Keys in a slot that another node owns now are deleted here: the new owner has its own copy,
 * or had it forced by an operator. Keeping them would bring back the dead when the slot returns.
 */
final class SlotClaims {

    private final ClusterState state;
    private final Messages messages;
    private final OwnRole role;
    private final Arrivals arrivals;

    SlotClaims(ClusterState state, Messages messages, OwnRole role, Arrivals arrivals) {
        this.state = state;
        this.messages = messages;
        this.role = role;
        this.arrivals = arrivals;
    }

    /** What a claim has changed; {@code expected} where it was the end of moves that an operator had begun here. */
    private static final class Gain {
        private final Node claimer;
        private final Node mine;
        private final Set<Node> succeeded = new LinkedHashSet<>();
        private int fromMine;
        private boolean any;
        private boolean expected = true;
        private boolean reopened;

        /** @param mine this node, or the primary that it follows, null where it knows none */
        Gain(Node claimer, Node mine) {
            this.claimer = claimer;
            this.mine = mine;
        }
    }

    /** A primary claims slots in an epoch: by its own heartbeat, or by the UPDATE of somebody who knows. */
    void claimed(Node claimer, long epoch, SlotBitmap slots) {
        if (claimer == state.myself || claimer.slots().equals(slots) && state.abandoned().isEmpty()) {
            return;
        }
        Node me = state.myself;
        Node mine = me.isPrimary() ? me : me.primary;
        SlotBitmap before = claimer.slots();
        state.abandon(before.minus(slots), true);
        state.abandon(before.and(slots), false);
        Gain gain = new Gain(claimer, mine);
        SlotBitmap wanted = free(slots.minus(before), claimer);
        SlotBitmap unowned = wanted;
        for (Node owner : state.ownersOf(wanted)) {
            SlotBitmap part = owner.slots().and(wanted);
            unowned = unowned.minus(part);
            gain(gain, better(part, owner, claimer, epoch), owner);
        }
        gain(gain, unowned, null);
        // not before: who imports from whom decides above
        gain.succeeded.forEach(owner -> state.succeeds(claimer, owner));
        store(gain);
        if (gain.fromMine > 0 && !gain.reopened) {
            lost(claimer, mine, slots.size() == gain.fromMine);
        }
    }

    /**
     * Those that gossip may touch. A slot that is being imported stays with its owner, or with whoever takes the owner's
     * place in its shard. The replicas of the node that imports it learn from that node that it has arrived.
     */
    private SlotBitmap free(SlotBitmap slots, Node claimer) {
        if (state.importing.isEmpty() || claimer == state.myself.primary) {
            return slots;
        }
        return slots.filter(slot -> {
            Node source = state.importing.get(slot);
            return source == null || source == state.owner(slot) && source.shard().equals(claimer.shard());
        });
    }

    /** Those of an owner's slots that the claimer has a better claim to. */
    private SlotBitmap better(SlotBitmap slots, Node owner, Node claimer, long epoch) {
        return owner.configEpoch < epoch
                ? slots
                : slots.and(state.abandoned()).plus(arrivals.yielding(slots, claimer, epoch));
    }

    /** The claimer takes slots from one owner, null for nobody. */
    private void gain(Gain gain, SlotBitmap slots, Node owner) {
        if (slots.isEmpty()) {
            return;
        }
        gain.any = true;
        gain.expected &= isMovedTo(slots, gain.claimer);
        gain.reopened |= take(slots, owner, gain.claimer);
        if (owner != null) {
            gain.fromMine += owner == gain.mine ? slots.size() : 0;
            if (owner.shard().equals(gain.claimer.shard())) {
                gain.succeeded.add(owner);
            }
        }
    }

    /** Whether all of them were on their way there by an operator's hand. */
    private boolean isMovedTo(SlotBitmap slots, Node claimer) {
        return !state.migrating.isEmpty() && slots.filter(slot -> state.migrating.get(slot) == claimer).equals(slots);
    }

    /** Returns whether some of them are open here, although they are the claimer's. */
    private boolean take(SlotBitmap slots, Node owner, Node claimer) {
        SlotBitmap reopened = arrivals.reopen(slots, claimer);
        reopened.forEach(slot -> state.notice(
                "Slot " + slot + " is " + claimer + "'s again, where its move here was not known: its keys stay"));
        SlotBitmap gone = slots.minus(reopened);
        if (owner == state.myself) {
            close(state.migrating, gone);
            state.dropKeysFor(claimer, gone);
        } else if (owner != null && owner == state.myself.primary && !owner.shard().equals(claimer.shard())) {
            // not where keys may be on their way one by one: redis-cli can still fetch them
            state.lostByPrimary(gone.minus(close(state.migrating, gone)));
        }
        if (claimer == state.myself.primary) {
            close(state.importing, slots);
        }
        state.assign(slots, claimer);
        return !reopened.isEmpty();
    }

    /** Forgets that these slots are on their way; returns those that were. */
    private static SlotBitmap close(Map<Integer, Node> moves, SlotBitmap slots) {
        SlotBitmap open = moves.isEmpty() ? SlotBitmap.EMPTY : slots.filter(moves::containsKey);
        open.forEach(moves::remove);
        return open;
    }

    private void store(Gain gain) {
        if (gain.any && gain.expected) {
            // the end of a move: who forgets it claims the slot in an epoch that is not the greatest, and is told
            state.changedForTheProcess();
        } else if (gain.fromMine > 0) {
            state.changedDurably();
        } else if (gain.any) {
            state.learned(true);
        }
    }

    /** A primary, this node or the one that it follows, has lost slots to the claimer; perhaps the last. */
    private void lost(Node claimer, Node mine, boolean ownsNothingElse) {
        if (mine.slotCount() > 0 || !isSuccessor(claimer, mine, ownsNothingElse)) {
            return;
        }
        boolean sameShard = claimer.shard().equals(mine.shard());
        if (mine == state.myself && !state.kept.isEmpty() && !sameShard) {
            state.emptiedBy = claimer;
        } else {
            role.followSuccessor(claimer);
        }
    }

    /**
     * Whether a node that has taken the last slot of a primary has taken its place: then the primary becomes its replica,
     * and so do the primary's replicas. In its own shard that is what a failover is. A node of another shard has it by an
     * operator's wish, who may not want replicas to go where they are not sent.
     */
    private boolean isSuccessor(Node claimer, Node primary, boolean ownsNothingElse) {
        return claimer.shard().equals(primary.shard())
                || ownsNothingElse
                || state.settings.replicas().allowMigration();
    }

    /** A node has answered {@link Messages#askForAssent}. */
    void answered(Node node, BusHeader pong) {
        arrivals.answered(node, pong);
    }

    private boolean unclaimed(int slot) {
        return state.owner(slot) == null || state.isAbandoned(slot);
    }

    /**
     * Tells the sender on {@code link} of every node that owns, in a greater epoch, slots which the sender claims in
     * {@code epoch}. Of this node it hears when that epoch is on disk, and not before.
     */
    void correct(Link link, Node claimant, long epoch, SlotBitmap slots) {
        Set<Node> owners = new LinkedHashSet<>();
        SlotBitmap disputed = slots.minus(claimant.slots());
        for (int slot = disputed.next(0); slot >= 0; slot = disputed.next(slot + 1)) {
            Node owner = state.owner(slot);
            if (!unclaimed(slot) && owner != claimant && owner.configEpoch > epoch) {
                owners.add(owner);
            }
        }
        if (state.myself.configEpoch != state.storedConfigEpoch) {
            owners.remove(state.myself);
        }
        for (Node owner : owners) {
            state.verbose("Node " + claimant + " has old slots configuration, sending an UPDATE message about " + owner);
            messages.update(link, owner);
        }
    }

    /** Somebody knows of a newer owner of our slots, or of anybody's. */
    void updated(BusMessage.Update update) {
        Node node = state.node(update.node());
        if (node == null || node == state.myself || node.configEpoch > update.configEpoch()) {
            return;
        }
        if (node.configEpoch == update.configEpoch()) {
            moreClaimed(node, update);
            return;
        }
        promote(node);
        node.configEpoch = update.configEpoch();
        state.currentEpoch = Math.max(state.currentEpoch, node.configEpoch);
        state.changedDurably();
        claimed(node, update.configEpoch(), update.slots());
    }

    /** In the epoch that is known here the node owned slots that are news: which it has given up since can't be told. */
    private void moreClaimed(Node node, BusMessage.Update update) {
        if (node.isPrimary()) {
            claimed(node, update.configEpoch(), node.slots().minus(state.abandoned()).plus(update.slots()));
        }
    }

    /** A node is a primary from now on. */
    void promote(Node node) {
        if (node.isPrimary()) {
            return;
        }
        node.shard(node.shard());
        state.attach(node, null);
        state.becomes(node, NodeFlag.PRIMARY);
        state.changedSoft();
    }

    /**
     * A node says that it is a replica of {@code primary}, null when that is unknown here, in the epoch of its primary, and
     * with its slots. A primary of the same shard has been failed over and its slots are its successor's, but for those that
     * it had given away before; one that went to another shard has left its slots.
     */
    void demote(Node node, Node primary, BusHeader header) {
        long epoch = header.configEpoch();
        if (primary == state.myself && !primary.isPrimary()) {
            // This node would know if it had been elected.
            return;
        }
        if (node.isPrimary()) {
            boolean sameShard = primary != null && primary.shard().equals(node.shard());
            if (sameShard && node.configEpoch > epoch) {
                state.notice("Ignore stale message from " + node + ": it speaks of epoch " + epoch
                        + ", but its epoch is " + node.configEpoch);
                return;
            }
            if (sameShard) {
                promote(primary);
                newEpoch(primary, header);
                state.succeeds(primary, node);
            }
            // This node has taken at once what it was elected for; anything else it would take from others.
            // what it says of its primary may be older than what is known of that
            SlotBitmap claimed = primary != null && epoch < primary.configEpoch ? SlotBitmap.EMPTY : header.slots();
            leave(node, sameShard && primary != state.myself ? primary : null, claimed);
            state.becomes(node, NodeFlag.REPLICA);
            state.changedDurably();
        } else if (!node.isReplica()) {
            state.becomes(node, NodeFlag.REPLICA);
        }
        if (primary != null && primary != node && node.primary != primary && !follows(primary, node)) {
            state.attach(node, primary);
            state.changedSoft();
        }
    }

    /** The slots of a primary that is none any more go to its heir, null for nobody, who claims these. */
    private void leave(Node node, Node heir, SlotBitmap claimed) {
        SlotBitmap left = node.slots();
        if (heir == null) {
            state.release(left);
        } else {
            state.assign(left, heir);
            state.abandon(left.minus(claimed), true);
        }
        state.out.log(
                left.isEmpty() ? Output.Level.VERBOSE : Output.Level.NOTICE,
                "Node " + node + " is no longer master of shard " + node.shard() + "; its " + left.size()
                        + " slot(s) went to " + (heir == null ? "nobody" : heir));
    }

    /** What the primary has given away before it got this epoch must not be told as its own in it. */
    private void newEpoch(Node primary, BusHeader header) {
        if (header.configEpoch() > primary.configEpoch) {
            primary.configEpoch = header.configEpoch();
            state.abandon(primary.slots().minus(header.slots()), true);
        }
    }

    /** Whether a replica's chain of primaries leads to {@code node}: such a ring is not believed. */
    private static boolean follows(Node replica, Node node) {
        Node step = replica;
        for (int steps = 0; step != null && steps < 8; steps++) {
            if (step == node) {
                return true;
            }
            step = step.primary;
        }
        return step != null;
    }
}
