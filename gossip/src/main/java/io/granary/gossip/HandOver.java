package io.granary.gossip;

import io.granary.gossip.NodesFile.OpenHandOver;
import io.granary.gossip.NodesFile.OpenHandOver.Stage;
import io.granary.gossip.wire.BusHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * How slots whose data has been copied go from one primary to another, with at no time two owners that write.
 *
 * <p>THE DANGER. Two nodes must change what they do at one moment, and either of them may stand still, be cut off, die or be
 * replaced in any moment before. Where the source goes on too long, what it writes is missing at the target; where the
 * target begins too soon, a replica of the source that knows nothing of it takes the slots back, without what was written
 * there since.
 *
 * <p>THE STEPS. The target says in which config epoch E it will claim the slots ({@link Imports}), greater than the
 * source's. The source makes sure that no replica of it has been elected, and that whoever will be gets an epoch of E + 2
 * at least; then it writes down that it grants, and takes no more writes to these slots ({@link Grants}). The target claims
 * them in E, and writes to them when a majority has the claim on disk and no election of a replica of the source is open
 * ({@link OpenClaim}). The source keeps the keys until it hears that.
 *
 * <p>WHO DECIDES. While the source does not know whether the target claims, it only asks, also after a restart. A target
 * that says no has written nothing, and does not claim any more, or in E at most; so the source claims the slots itself in
 * E + 1, and goes on when a majority knows. If either side is replaced, its successor has an epoch of E + 2 at least: the
 * source's has all that was acknowledged and takes the slots from either of the two, unless a majority knows of the claim
 * already, which refuses it then; the target's has the slots if it was told of the claim, and else says no for the target.
 *
 * <p>WHAT MUST NOT CHANGE. Until a majority knows, neither side takes another epoch: it could beat the claim of somebody who
 * was elected rightfully.
 */
final class HandOver {

    private static final int WAITING_LIMIT = 64;

    private record Claiming(long number, OperatorRequest.ClaimSlots step) {}

    private final ClusterState state;
    private final Messages messages;
    private final OwnRole role;
    private final Contests contests;
    private final HigherEpoch higher;
    private final KnownGrants known;
    private final Grants grants;
    private final Imports imports;
    private final Inheritance inheritance;
    private final TakingBack takingBack;

    /** Claims of other jobs, one after the other. */
    private final Queue<Claiming> waiting = new ArrayDeque<>();

    private OpenClaim claim;
    private final List<Long> questions = new ArrayList<>();

    HandOver(
            ClusterState state,
            Messages messages,
            OwnRole role,
            Contests contests,
            HigherEpoch higher,
            Reelection reelection,
            KnownGrants known) {
        this.state = state;
        this.messages = messages;
        this.contests = contests;
        this.role = role;
        this.higher = higher;
        this.known = known;
        this.grants = new Grants(state, messages);
        this.imports = new Imports(state, higher);
        this.inheritance = new Inheritance(state, known, grants);
        this.takingBack = new TakingBack(state, grants, reelection);
    }

    /** Takes up what an earlier process has left open; to be called when the nodes and their slots are known. */
    void restore(List<OpenHandOver> stored) {
        for (OpenHandOver open : stored) {
            if (!state.myself.isPrimary()) {
                continue;
            }
            switch (open.stage()) {
                case IMPORT -> imports.restore(open);
                case GRANT, ENDED -> grants.restore(open);
                case RECLAIM -> {
                    grants.restore(open);
                    open(reclaimed(open), true, true);
                }
                case CLAIM -> {
                    if (claim == null) {
                        open(open, false, true);
                    } else {
                        inheritance.restore(open);
                    }
                }
            }
        }
        bind();
    }

    private void open(OpenHandOver taken, boolean back, boolean restored) {
        claim = new OpenClaim(state, messages, contests, known, taken, otherSide(taken.other()), back, restored);
        claim.begin();
    }

    List<OpenHandOver> stored() {
        List<OpenHandOver> stored = new ArrayList<>(imports.stored());
        stored.addAll(inheritance.stored());
        OpenHandOver taken = claim == null ? null : claim.stored();
        boolean back = claim != null && claim.isBack();
        if (grants.open() != null && !(back && taken == null)) {
            stored.add(grants.open());
        }
        if (taken != null && !back) {
            stored.add(taken);
        }
        return stored;
    }

    HandOvers view() {
        OpenHandOver granted = grants.open();
        List<HandOvers.Import> importing = imports.view();
        if (granted == null && claim == null && importing.isEmpty() && inheritance.isEmpty()) {
            return HandOvers.NONE;
        }
        List<HandOvers.Grant> given = granted == null
                ? List.of()
                : List.of(new HandOvers.Grant(granted.job(), granted.slots(), granted.other(), granted.epoch()));
        return new HandOvers(given, importing, frozen());
    }

    private SlotBitmap frozen() {
        SlotBitmap open = grants.open() == null ? SlotBitmap.EMPTY : grants.open().slots();
        open = claim == null ? open : open.plus(claim.slots());
        open = open.plus(inheritance.slots());
        return open.minus(open.minus(state.myself.slots()));
    }

    /** Whether slots of this node are between two owners, so that nothing else may be done with its slots. */
    boolean isOpen() {
        return grants.open() != null || claim != null || !inheritance.isEmpty();
    }

    void asked(long number, OperatorRequest.HandOverStep step) {
        String refusal = !NodeId.isValid(step.job()) ? "not the name of a job: " + step.job() : null;
        if (refusal == null && state.out.failure() != null) {
            state.out.add(new Output.Answer(number, null, state.out.saveError()));
            return;
        }
        if (refusal == null) {
            refusal = switch (step) {
                case OperatorRequest.PrepareClaim prepare -> imports.prepare(number, prepare);
                case OperatorRequest.GrantSlots grant -> grants.grant(number, grant);
                case OperatorRequest.RevokeGrant revoke -> revoke(number, revoke.job());
                case OperatorRequest.EndGrant end -> end(number, end.job());
                case OperatorRequest.ClaimSlots taken -> claim(number, taken);
                case OperatorRequest.ForgetImport forget -> forget(number, forget.job());
            };
        }
        if (refusal != null) {
            state.out.add(new Output.Answer(number, null, "ERR " + refusal));
        }
    }

    private void done(long number) {
        state.out.afterSave(new Output.Answer(number, "OK", null));
    }

    private String end(long number, String job) {
        if (grants.isOpen(job) && grants.open().stage() == Stage.RECLAIM) {
            return "the slots are being taken back";
        }
        if (grants.isOpen(job)) {
            grants.end();
        }
        done(number);
        return null;
    }

    private String revoke(long number, String job) {
        grants.cancel(job);
        if (!grants.isOpen(job)) {
            done(number);
            return null;
        }
        OpenHandOver open = grants.open();
        if (claim != null && claim.isBack()) {
            return await(number);
        }
        if (claim != null || !inheritance.isEmpty()) {
            return "another hand-over is open";
        }
        String refusal = takingBack.refusal();
        if (refusal == null && takingBack.mustBeElected()) {
            return takingBack.beElected(number, otherSide(open.other()));
        }
        if (refusal == null) {
            questions.add(number);
            reclaim();
        }
        return refusal;
    }

    private void reclaim() {
        OpenHandOver open = grants.open();
        grants.stage(Stage.RECLAIM);
        state.myself.configEpoch = Math.max(open.epoch() + 1, state.myself.configEpoch);
        state.currentEpoch = Math.max(state.currentEpoch, open.epoch() + 2);
        state.notice("Taking back slots " + open.slots() + " in epoch " + state.myself.configEpoch);
        open(reclaimed(open), true, false);
    }

    /** The node of that name, or one that nobody knows if it was forgotten. */
    private Node otherSide(NodeId id) {
        Node node = state.node(id);
        return node == null ? new Node(id, NodeId.randomHex(state.random), 0) : node;
    }

    private OpenHandOver reclaimed(OpenHandOver open) {
        return new OpenHandOver(Stage.RECLAIM, open.job(), open.slots(), open.other(), state.myself.configEpoch);
    }

    private String claim(long number, OperatorRequest.ClaimSlots step) {
        if (!state.myself.isPrimary() || state.behind) {
            return "only a master with all of its data takes slots";
        }
        if (claim != null && !claim.isBack() && claim.job().equals(step.job())) {
            return claimAgain(number);
        }
        boolean unsure = claim != null && claim.slots().intersects(step.slots())
                || inheritance.slots().intersects(step.slots());
        boolean mine = state.myself.slots().containsAll(step.slots());
        // what this node was sure of it may have granted to somebody else since
        if (unsure || !mine && grants.open() != null && grants.open().slots().intersects(step.slots())) {
            return "the slots are between two owners";
        }
        if (mine) {
            done(number);
            return null;
        }
        String otherwise = ownedOtherwise(step);
        if (otherwise != null && hasGoneOn(step)) {
            done(number);
            return null;
        }
        if (otherwise != null) {
            return otherwise;
        }
        if (claim != null || takingBack.isOpen()) {
            return claim == null ? "another hand-over is open" : wait(number, step);
        }
        String refusal = imports.refusalToClaim(step);
        if (refusal != null) {
            state.out.afterSave(refused(number, refusal));
        } else {
            begin(number, step);
        }
        return null;
    }

    private static Output.Answer refused(long number, String reason) {
        return new Output.Answer(number, null, HandOvers.NO_CLAIM + " " + reason);
    }

    private String wait(long number, OperatorRequest.ClaimSlots step) {
        if (waiting.size() == WAITING_LIMIT) {
            return "another hand-over is open";
        }
        waiting.add(new Claiming(number, step));
        return null;
    }

    private void begin(long number, OperatorRequest.ClaimSlots step) {
        state.notice("Claiming slots " + step.slots() + " in epoch " + step.epoch());
        questions.add(number);
        known.note(new SlotGrant(step.source(), step.job(), state.myself.id, step.epoch(), step.slots()));
        open(new OpenHandOver(Stage.CLAIM, step.job(), step.slots(), step.source(), step.epoch()), false, false);
    }

    private String claimAgain(long number) {
        if (!claim.isUnwanted()) {
            return await(number);
        }
        claim.decline();
        state.out.afterSave(refused(number, "the data is not here any more"));
        return null;
    }

    /** Answers when the claim that is open ends. */
    private String await(long number) {
        if (questions.size() == WAITING_LIMIT) {
            return "too many wait for the end of this hand-over";
        }
        questions.add(number);
        return null;
    }

    /** Whether a slot is the source's, or shown as that of somebody of its shard who has not got it in a later epoch. */
    private boolean isSources(Node owner, OperatorRequest.ClaimSlots step) {
        Node source = state.node(step.source());
        return owner == source
                || source != null && owner.shard().equals(source.shard()) && owner.configEpoch < step.epoch();
    }

    /** Whether somebody else than the source has the slots: then this node has nothing to say about them. */
    private String ownedOtherwise(OperatorRequest.ClaimSlots step) {
        for (int slot = step.slots().next(0); slot >= 0; slot = step.slots().next(slot + 1)) {
            Node owner = state.owner(slot);
            if (owner != null && !isSources(owner, step) && !state.isAbandoned(slot)) {
                return "slot " + slot + " is " + (owner == state.myself ? "mine" : owner + "'s");
            }
        }
        return null;
    }

    /**
     * Whether the source has none of the slots any more, and none is on its way here for this job: then a majority knew of
     * the claim once, or it could not have been given on in part, or somebody was elected in the source's place. Where
     * another node of this shard has one, that is the claim itself, of which nobody may be sure.
     */
    private boolean hasGoneOn(OperatorRequest.ClaimSlots step) {
        boolean gone = !imports.knows(step.job());
        for (int slot = step.slots().next(0); gone && slot >= 0; slot = step.slots().next(slot + 1)) {
            Node owner = state.owner(slot);
            boolean undecided = owner != null && owner != state.myself && owner.shard().equals(state.myself.shard());
            gone = owner != null && !isSources(owner, step) && !undecided && !state.isAbandoned(slot);
        }
        return gone;
    }

    private String forget(long number, String job) {
        if (claim != null && claim.job().equals(job) || waiting.stream().anyMatch(each -> each.step.job().equals(job))) {
            return "the slots are being claimed";
        }
        imports.forget(job);
        done(number);
        return null;
    }

    /** A node has answered {@link Messages#askForAssent}. */
    void answered(Node node, BusHeader pong) {
        grants.answered(node, pong);
        higher.answered(node, pong);
        if (claim != null) {
            claim.answered(node, pong);
        }
    }

    /**
     * Whether this node agrees with all that a ping claims: that the sender is a primary whose place is its own, and owns
     * these slots and no others.
     */
    boolean agrees(Node sender, BusHeader ping) {
        boolean same = ping.isPrimary()
                && sender.configEpoch == ping.configEpoch()
                && sender.slots().minus(state.abandoned()).equals(ping.slots())
                && state.out.failure() == null;
        return same && (sender == state.myself.primary
                || !ping.stamp().behind() && !Contests.bars(sender, ping.configEpoch()) && contests.mayGiveWord());
    }

    void saveFailed() {
        grants.saveFailed();
        if (claim != null) {
            claim.saveFailed();
        }
    }

    void tick() {
        grants.tick();
        imports.tick();
        higher.tick();
        if (claim != null) {
            claim.tick();
        }
    }

    /** To be called after every input: does what is due. */
    void step() {
        if (state.myself.isReplica()) {
            clear();
        } else {
            inheritance.step();
            grants.step();
            // one majority may allow a grant and an epoch at once: the grant goes first, and then the epoch must not change
            bind();
            higher.step();
            imports.step();
            stepClaim();
            followSuccessor();
        }
        bind();
    }

    /** Begins with what has waited for the end of another claim. */
    private void goOn() {
        Inheritance.Claim next = inheritance.next();
        if (next != null) {
            open(next.open(), false, next.restored());
        } else if (takingBack.isDue()) {
            questions.addAll(takingBack.end());
            reclaim();
        }
    }

    private void stepClaim() {
        if (claim == null) {
            goOn();
        }
        OpenClaim.Outcome outcome = claim == null ? OpenClaim.Outcome.OPEN : claim.step();
        if (outcome == OpenClaim.Outcome.OPEN) {
            return;
        }
        OpenClaim ended = claim;
        claim = null;
        ended.end(outcome);
        if (ended.isBack()) {
            takenBack(outcome);
        } else {
            taken(ended.job(), outcome);
        }
        questions.clear();
        while (claim == null && !waiting.isEmpty()) {
            Claiming next = waiting.remove();
            asked(next.number, next.step);
        }
    }

    private void taken(String job, OpenClaim.Outcome outcome) {
        if (outcome != OpenClaim.Outcome.UNDONE) {
            imports.forget(job);
        }
        for (long number : questions) {
            switch (outcome) {
                case CONFIRMED -> done(number);
                case LOST -> state.out.afterSave(refused(number, "another node has claimed the slots"));
                default -> state.out.add(new Output.Answer(number, null, state.out.saveError()));
            }
        }
    }

    private void takenBack(OpenClaim.Outcome outcome) {
        if (outcome == OpenClaim.Outcome.CONFIRMED) {
            grants.close(false);
            questions.forEach(this::done);
        } else {
            grants.stage(Stage.GRANT);
            questions.forEach(number ->
                    state.out.add(new Output.Answer(number, null, "ERR another node has claimed the slots")));
        }
    }

    /** A primary that has given its last slot away stays until the hand-over is over. */
    private void followSuccessor() {
        Node successor = isOpen() ? null : state.emptiedBy;
        if (successor != null) {
            state.emptiedBy = null;
            if (state.myself.slotCount() == 0 && successor.isPrimary() && state.node(successor.id) == successor) {
                role.followSuccessor(successor);
            }
        }
    }

    private void clear() {
        grants.clear();
        imports.clear();
        higher.forget();
        for (long number : questions) {
            state.out.add(new Output.Answer(number, null, "ERR this node is no master any more"));
        }
        questions.clear();
        waiting.forEach(each ->
                state.out.add(new Output.Answer(each.number, null, "ERR this node is no master any more")));
        waiting.clear();
        takingBack.fail("this node is no master any more");
        inheritance.clear();
        claim = null;
        state.emptiedBy = null;
        state.untold = SlotBitmap.EMPTY;
        state.toldReplicas = false;
    }

    private void bind() {
        state.epochBound = isOpen();
        state.granting = grants.told();
        SlotBitmap arriving = known.grantedToMyShard();
        state.claimed = claim == null ? arriving : claim.slots().plus(arriving);
        // who would rather not have the slots must not get them in an epoch that the source can not beat
        state.rival = claim == null || claim.isUnwanted() ? null : claim.rival();
        // a replica may have to take the grant over
        state.kept = grants.open() == null ? known.grantedBy(state.myself.primary) : grants.open().slots();
    }
}
