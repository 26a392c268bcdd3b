package io.granary.gossip;

import io.granary.gossip.NodesFile.OpenHandOver;
import io.granary.gossip.NodesFile.OpenHandOver.Stage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What was open between this node's predecessor and other shards when this node was elected.
 *
 * <p>GRANTS. The slots are this node's, if nobody had heard of the target's claim, or the target's. Their keys are here:
 * nothing was written to them behind the grant. So the grant goes on, and no write begins before it is over: this node takes
 * the slots back as soon as a majority knows that they are its own and no election of a replica of the target is open that
 * another one could have won with them; where they are the target's, whoever leads its shard is asked.
 *
 * <p>CLAIMS. Whoever is elected in the place of the target with the slots goes on with the claim, in its own epoch, and
 * writes when it is sure in the same way. But not if it has started with less than it had and was not in step
 * since, or if the predecessor has not told it of the claim itself: then it leaves the slots alone, since the source has
 * their data, and takes them back. What the predecessor may have written to them has died with it.
 */
final class Inheritance {

    private final ClusterState state;
    private final KnownGrants known;
    private final Grants grants;

    /** Claims of which this node is not sure yet, and with which it goes on one by one. */
    private final Deque<Claim> claims = new ArrayDeque<>();

    /**
     * One of them.
     *
     * @param restored whether it is from before a restart
     */
    record Claim(OpenHandOver open, boolean restored) {}

    Inheritance(ClusterState state, KnownGrants known, Grants grants) {
        this.state = state;
        this.known = known;
        this.grants = grants;
    }

    /** A claim from before a restart; there may be several. */
    void restore(OpenHandOver claim) {
        claims.add(new Claim(claim, true));
    }

    List<OpenHandOver> stored() {
        return claims.stream().map(Claim::open).toList();
    }

    boolean isEmpty() {
        return claims.isEmpty();
    }

    SlotBitmap slots() {
        SlotBitmap slots = SlotBitmap.EMPTY;
        for (Claim claim : claims) {
            slots = slots.plus(claim.open().slots());
        }
        return slots;
    }

    Claim next() {
        return claims.poll();
    }

    void clear() {
        claims.clear();
        state.elected = false;
    }

    /** To be called after every input, as a primary. */
    void step() {
        if (!state.elected) {
            return;
        }
        state.elected = false;
        for (SlotGrant grant : known.toMyShard()) {
            if (state.myself.slots().containsAll(grant.slots())) {
                inheritClaim(grant);
            }
        }
        for (SlotGrant grant : known.inherit()) {
            if (grants.open() == null) {
                state.notice("My predecessor may have granted slots " + grant.slots() + " to " + grant.target());
                grants.restore(new OpenHandOver(Stage.GRANT, grant.job(), grant.slots(), grant.target(), grant.epoch()));
            }
        }
        state.changedDurably();
    }

    private void inheritClaim(SlotGrant grant) {
        boolean linked = state.replication.silenceMs() < Long.MAX_VALUE;
        boolean claimed = state.claimedByPrimary.isEmpty() || state.claimedByPrimary.containsAll(grant.slots());
        boolean complete = !state.startedWithLess || linked && claimed;
        if (complete) {
            claims.add(new Claim(
                    new OpenHandOver(Stage.CLAIM, grant.job(), grant.slots(), grant.holder(), state.myself.configEpoch), false));
        } else {
            state.notice("Slots " + grant.slots() + " are left to " + grant.holder() + ", which has their data");
            state.release(grant.slots());
            state.dropKeys(grant.slots());
        }
    }
}
