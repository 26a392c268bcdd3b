package io.granary.gossip;

import io.granary.gossip.NodesFile.OpenHandOver;
import io.granary.gossip.wire.BusHeader;
import java.util.ArrayList;
import java.util.List;

/**
 * Slots that this node has claimed at the end of a hand-over and may not write to yet: those that the target takes, or that
 * the source takes back.
 *
 * <p>The claim is first on disk; then this node's own replicas are told, so that none can be elected that does not know of
 * it; then everybody. Once a majority has it on disk ({@link Assent}) and no election is open that another one could have
 * won with these slots, nobody else can get them but with this node's consent. That is on disk, too, before the first
 * write. Until then the epoch of the claim must not change: with a greater one it would beat the claim of a replica of the
 * other side that was elected rightfully.
 */
final class OpenClaim {

    private enum Stage { STORING, TELLING_REPLICAS, TELLING_ALL, ENDING }

    /** What has become of a claim. */
    enum Outcome {
        OPEN,
        /** The slots are this node's, and writes may begin. */
        CONFIRMED,
        /** Another node has them. */
        LOST,
        /** It could not be stored, and nobody has heard of it. */
        UNDONE
    }

    private final ClusterState state;
    private final Messages messages;
    private final Contests contests;
    private final KnownGrants known;
    private final String job;
    private final SlotBitmap slots;
    private final Node rival;
    private final long epoch;
    private final boolean back;
    private final boolean restored;
    private Stage stage = Stage.STORING;
    private long generation;
    private Assent assent;
    private boolean declined;
    private boolean failed;

    /**
     * @param rival the other side, who has the slots unless this claim succeeds
     * @param back whether this node is the source, and takes the slots back
     * @param restored whether the claim is from before a restart
     */
    OpenClaim(
            ClusterState state,
            Messages messages,
            Contests contests,
            KnownGrants known,
            OpenHandOver open,
            Node rival,
            boolean back,
            boolean restored) {
        this.state = state;
        this.messages = messages;
        this.contests = contests;
        this.known = known;
        this.job = open.job();
        this.slots = open.slots();
        this.epoch = open.epoch();
        this.rival = rival;
        this.back = back;
        this.restored = restored;
        this.generation = restored ? 0 : state.out.nextGeneration();
    }

    /** Takes the slots. Whose claims were told before goes on with that; others hear of it later. */
    void begin() {
        SlotBitmap told = restored ? SlotBitmap.EMPTY : state.myself.slots().minus(state.untold);
        state.assign(slots, state.myself);
        state.untold = slots.minus(told);
        state.changedDurably();
    }

    String job() {
        return job;
    }

    SlotBitmap slots() {
        return slots;
    }

    Node rival() {
        return rival;
    }

    boolean isBack() {
        return back;
    }

    /** What the disk has to know of it; null once a majority knows. */
    OpenHandOver stored() {
        return stage == Stage.ENDING ? null : new OpenHandOver(OpenHandOver.Stage.CLAIM, job, slots, rival.id, epoch);
    }

    /**
     * Whether this target would rather not have the slots, since it has started without their data. It waits for who has it
     * and asks, as long as there is one, and tells nobody of its claim: a replica that knows of it has not the data either.
     */
    boolean isUnwanted() {
        boolean sourceIsThere = state.node(rival.id) == rival && rival.isPrimary();
        return !back && restored && state.hollow && (sourceIsThere || known.isOpen(job));
    }

    /** Gives the claim up: the source has the data, and takes the slots back. */
    void decline() {
        declined = true;
        state.changedDurably();
    }

    void answered(Node node, BusHeader pong) {
        if (assent != null) {
            assent.answered(node, pong);
        }
    }

    void saveFailed() {
        failed = stage == Stage.STORING && !back;
    }

    void tick() {
        if (assent != null) {
            ask();
        }
    }

    Outcome step() {
        if (!state.myself.slots().containsAll(slots)) {
            return Outcome.LOST;
        }
        if (failed) {
            return Outcome.UNDONE;
        }
        if (declined) {
            return Outcome.LOST;
        }
        if (isUnwanted()) {
            hide();
            return Outcome.OPEN;
        }
        if (stage == Stage.STORING && state.out.isStored(generation)) {
            tell(Stage.TELLING_REPLICAS, true);
        }
        if (stage == Stage.TELLING_REPLICAS && replicas().stream().allMatch(assent::isGivenBy)) {
            tell(Stage.TELLING_ALL, false);
            messages.broadcastClaims();
            ask();
        }
        if (stage == Stage.TELLING_ALL && isSafe()) {
            stage = Stage.ENDING;
            assent = null;
            generation = state.out.nextGeneration();
            state.changedDurably();
        }
        return stage == Stage.ENDING && state.out.isStored(generation) ? Outcome.CONFIRMED : Outcome.OPEN;
    }

    private void hide() {
        stage = Stage.STORING;
        assent = null;
        state.toldReplicas = false;
        state.untold = slots;
    }

    private void tell(Stage next, boolean onlyReplicas) {
        stage = next;
        state.toldReplicas = onlyReplicas;
        state.untold = onlyReplicas ? state.untold : SlotBitmap.EMPTY;
        assent = new Assent(state, messages, 0);
        ask();
    }

    private void ask() {
        assent.ask(replicas());
        if (stage == Stage.TELLING_ALL) {
            assent.ask(voters());
        }
    }

    private List<Node> replicas() {
        return state.nodes().stream().filter(node -> node.primary == state.myself && !node.isFailing()).toList();
    }

    /** Those who had a vote before this claim: a majority of them can elect a replica of the other side. */
    private List<Node> voters() {
        List<Node> voters = new ArrayList<>();
        for (Node node : state.nodes()) {
            boolean gotFirst = node == state.myself && node.slotCount() == slots.size();
            boolean gaveLast = node == rival && node.isPrimary() && !back;
            if (gotFirst ? back : node.isVoter() || gaveLast) {
                voters.add(node);
            }
        }
        return voters;
    }

    private boolean isSafe() {
        Node me = state.myself;
        // the epoch is a later one if this node was elected anew
        return me.configEpoch >= epoch
                && state.storedConfigEpoch == me.configEpoch
                && !Contests.bars(me, me.configEpoch)
                && !state.behind
                && !contests.isOpenOver(rival)
                && assent.isGivenByMajority(voters());
    }

    /** Ends it, however it came out. A target gives up what is left of a claim that failed. */
    void end(Outcome outcome) {
        state.untold = SlotBitmap.EMPTY;
        state.toldReplicas = false;
        if (!back && outcome == Outcome.UNDONE) {
            state.assign(slots, rival);
        } else if (!back && outcome == Outcome.LOST) {
            SlotBitmap left = slots.and(state.myself.slots());
            state.release(left);
            state.dropKeys(left);
        }
        state.changedDurably();
    }
}
