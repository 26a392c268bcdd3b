package io.granary.gossip;

/**
 * What this node itself is, primary or replica, and whose; every change of it happens here.
 *
 * <p>Replication is told by comparison, not at each of the places that may change something: after every input this class
 * looks whom the node should follow, and speaks up if that is not what it said last. So a new primary, a primary that
 * moved to another address and a start from the nodes file are one case, and none can be forgotten.
 *
 * <p>The order matters. Who is promoted leads before the view says so, or clients that believe the view would find a node
 * that refuses writes; who is demoted shows it in the view before it follows, so that clients are sent on to the new
 * primary instead; and writes that were paused for a failover go on behind all that.
 */
final class OwnRole {

    private final ClusterState state;
    private final Messages messages;
    private final ManualFailover manual;

    /** What replication was told last: whom to follow; null: to lead, which is how it begins. */
    private Output.Follow told;

    /** The save behind which replication may be told whom to follow. */
    private long storedFrom;

    OwnRole(ClusterState state, Messages messages, ManualFailover manual) {
        this.state = state;
        this.messages = messages;
        this.manual = manual;
    }

    /**
     * Makes this node a replica of a primary, or of another one than before. It must not own slots. Keys of slots that it
     * has just lost stay where they are: replication decides whether they are the beginning of the primary's data.
     */
    void follow(Node primary) {
        Node me = state.myself;
        if (primary == me || me.isVoter()) {
            throw new IllegalStateException(me + " with " + me.slotCount() + " slots can't follow " + primary);
        }
        // An operator may have added slots to a replica, which means nothing to anybody.
        state.release(me.slots());
        state.newcomer |= !me.shard().equals(primary.shard());
        storedFrom = state.newcomer ? state.out.nextGeneration() : storedFrom;
        if (me.primary != primary) {
            // nothing was heard of this one yet: what was known of another says nothing of it
            ReplicationStatus own = state.replication;
            state.replication = new ReplicationStatus(own.offset(), Long.MAX_VALUE, own.synced());
        }
        state.becomes(me, NodeFlag.REPLICA);
        state.attach(me, primary);
        if (state.newcomer) {
            replicated(ReplicationStatus.UNLINKED);
        }
        state.migrating.clear();
        state.importing.clear();
        state.succeeded = null;
        state.keepLostKeys();
        manual.reset();
        state.changedDurably();
        messages.broadcastPong();
    }

    /**
     * Takes down where replication stands. An offset that belongs to no completed sync says nothing about this node's data,
     * and is not told; nor is that of another shard's history, which a replica has until it was in step with its new
     * primary. A primary that has lost data counts what it had when it started: what has come since is another history.
     */
    void replicated(ReplicationStatus status) {
        Node me = state.myself;
        boolean inStep = followsPrimary() && status.synced() && status.silenceMs() < Long.MAX_VALUE;
        state.newcomer &= me.isReplica() && !inStep;
        state.replication = state.newcomer ? ReplicationStatus.UNLINKED : status;
        if (!state.behind) {
            me.offset = state.replication.synced() ? status.offset() : 0;
        }
    }

    /** Whether replication was told of the primary that this node has now: what it says may be of the one before. */
    private boolean followsPrimary() {
        Node primary = state.myself.primary;
        return primary == null || told != null && told.primary().equals(primary.id);
    }

    /**
     * Follows who has taken the last slot of this node, or of its primary: says so, as an operator wonders otherwise what
     * has become of the primary.
     */
    void followSuccessor(Node successor) {
        state.notice("Configuration change detected. Reconfiguring myself as a replica of " + successor);
        follow(successor);
    }

    /**
     * Takes the place of the primary under a config epoch that this node has got before, with those of its slots that were
     * asked for. Others hear of it when it is on disk (see {@link Epochs#saved}); until then this node speaks as the replica
     * that it was.
     */
    void succeed(SlotBitmap asked) {
        Node me = state.myself;
        Node predecessor = me.primary;
        SlotBitmap lost = state.slotsLostByPrimary();
        SlotBitmap claimed = state.claimedByPrimary;
        lead();
        state.release(predecessor.slots().minus(asked));
        state.assign(predecessor.slots(), me);
        // it may have died before it had deleted their keys, or before this node heard of that
        state.dropKeys(lost);
        // what it takes over depends on that
        state.claimedByPrimary = claimed;
        state.elected = true;
        // what the predecessor has not said of its open slots, it could not
        state.importing.keySet().removeIf(slot -> state.owner(slot) == me);
        state.migrating.keySet().removeIf(slot -> state.owner(slot) != me);
        manual.reset();
        if (me.configEpoch == state.storedConfigEpoch) {
            messages.broadcastPong();
        } else {
            state.succeeded = predecessor;
        }
        state.changedDurably();
    }

    /** Makes this node a primary without slots. */
    void lead() {
        Node me = state.myself;
        me.shard(me.shard());
        state.attach(me, null);
        state.becomes(me, NodeFlag.PRIMARY);
        state.changedDurably();
    }

    /**
     * A primary that became a replica takes its own replicas along: without this, one whose last slot was removed would
     * leave them behind a node that is not fed itself. Rings, as two takeovers at once can make them, are left to the
     * operator.
     */
    void leaveDemotedPrimary() {
        Node primary = state.myself.primary;
        Node next = primary == null ? null : primary.primary;
        if (next != null && next != state.myself && next.isPrimary()) {
            state.notice("I'm a sub-replica! Reconfiguring myself as a replica of grandmaster " + next);
            follow(next);
        }
    }

    /**
     * A primary that has no slots but those that just change hands follows whoever leads its shard in a later epoch. It has
     * not seen its successor take its last slot where the successor had given that one on before, or has left it to the
     * source; and if it kept slots, the elections of either would contest the other for ever.
     */
    void followLeaderOfShard() {
        Node me = state.myself;
        if (!me.isPrimary() || !state.claimed.plus(state.kept).containsAll(me.slots())) {
            return;
        }
        for (Node node : state.nodes()) {
            if (node != me && node.isVoter() && node.configEpoch > me.configEpoch && node.shard().equals(me.shard())) {
                state.release(me.slots());
                followSuccessor(node);
                return;
            }
        }
    }

    /** To be told before the view. */
    void tellPromotion() {
        if (told != null && state.myself.isPrimary()) {
            told = null;
            state.out.add(new Output.Promote());
        }
    }

    /**
     * To be told behind the view. Data of another shard are not loaded before it is stored that this node belongs there:
     * after a crash it would take them for its old shard's.
     */
    void tellDemotion() {
        Node primary = state.myself.primary;
        if (primary == null || primary.ip.isEmpty()) {
            return;
        }
        Output.Follow wanted =
                new Output.Follow(primary.id, primary.ip, primary.port == 0 ? primary.tlsPort : primary.port);
        if (!wanted.equals(told) && state.out.isStored(storedFrom)) {
            told = wanted;
            state.out.add(wanted);
        }
    }
}
