package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How this replica becomes the primary of its shard when its primary has failed, or when an operator has it take over
 * (clusterHandleSlaveFailover in Redis's cluster_legacy.c; "Replica election and promotion" in the cluster
 * specification).
 *
 * <p>THE VOTE. The replica adds one to the current epoch and asks everybody for a vote in that epoch. Each primary with
 * slots gives at most one vote in an epoch (see {@link Votes}). With a majority of them, failed ones counted, the epoch is
 * this node's alone: it becomes its config epoch, and under it the node claims the slots of its primary. A vote counts
 * only for the epoch that it names. One that was given in an election before this one, and was late, proves nothing about
 * this one (Redis counts it, and can so crown two nodes in one epoch).
 *
 * <p>WHO STANDS. The replica with the most data should win, and nobody shares out the votes. Redis lets each replica wait
 * half a second or more, plus a second for each replica that it believes to be ahead, by offsets that may be seconds old.
 * Here the replicas compare before they stand: each asks its siblings at once for their offsets (any ping is answered
 * with one), and the one that is first by offset, then by name, asks for votes as soon as it knows that: a round trip
 * after the failure was told. Who is behind waits {@link #RANK_MS} for each that is ahead, and longer for one that is
 * not of Granary, since that one waits so long itself; normally the election is over by then. A sibling that does not
 * answer in {@link #CENSUS_MS} is judged by what it said last.
 *
 * <p>ALL OR NOTHING. The successor takes all slots that the primary was sure of, or it would share the shard with a primary
 * that goes on with the rest. A voter that knows of more than the candidate asks for says so in front of its vote; then, or
 * when the primary itself is heard, the election begins anew.
 *
 * <p>If several shards have lost their primaries at once, elections that begin in the same moment take the same epoch,
 * and each voter has only one vote in it. So a shard waits {@link #SHARD_MS} for each failed one before it, by name.
 *
 * <p>ASKING AGAIN. A voter may not know of the failure yet, or not be reachable, or have promised the old primary a little
 * time: who has not voted is asked again, in the same epoch, less and less often. Once somebody else
 * asks for votes in the same epoch or a higher one, no more can be expected; then this election begins anew soon, after a
 * time that chance decides, so that two do not overtake each other for ever.
 *
 * <p>WHOSE DATA IS GOOD ENOUGH. A replica that has heard nothing from its primary for longer than
 * cluster-replica-validity-factor node timeouts, or has never completed a sync, does not stand. Nor does one whose primary
 * is there again after a crash with no less than it has itself (see {@link Yielding}).
 */
final class Election {

    static final long RANK_MS = 400;
    static final long FOREIGN_RANK_MS = 1000;
    static final long CENSUS_MS = 100;
    static final long SHARD_MS = 50;

    private static final long LEAST_TIMEOUT_MS = 2000;
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2000;

    /**
     * So long after asking an election that was overtaken may still be won; and as long again at most, which doubles with
     * each time.
     */
    private static final int OVERTAKEN_MS = 150;

    private static final int OVERTAKEN_DOUBLINGS = 3;

    /** A pause between elections that failed, and what chance adds at most, doubled for each election up to the most. */
    private static final int RETRY_MS = 500;

    /** Who has its data from a file, and had no link since, leaves those that are ahead the time for several elections. */
    private static final long FILE_RANK_MS = 10_000;

    private static final int RETRY_LEAST_MS = 100;
    private static final int EXPIRED_MOST = 6;

    /** Only failures as young as this compete for votes. */
    private static final long RIVALRY_MS = 2000;

    /** Why nothing happens is said again so often, and not in the first seconds of a failure. */
    private static final long COMPLAINT_MS = 10_000;

    private static final long COMPLAINT_GRACE_MS = 5000;
    private static final long MANUAL_GRACE_MS = 1000;

    /** One election, from the decision to stand to its end. */
    private final class Attempt {
        final Node primary = state.myself.primary;
        final boolean manual = manualFailover.canStart();
        final long begunMs = state.nowMs;
        final Set<Node> silentSiblings = new HashSet<>();

        /** Who has voted, and in which config epoch of its own. */
        final Map<Node, Long> voters = new HashMap<>();

        /** 0 until votes have been asked for. */
        long epoch;

        /** What is asked for. Once the primary is known to have got more, voters have to be asked about that, too. */
        SlotBitmap slots = SlotBitmap.EMPTY;

        long askedMs;

        /** Whether another candidate asks in the same epoch. */
        boolean rivalled;

        long overtakenMs;
        long pauseMs = FIRST_PAUSE_MS;
        long askAgainMs;
    }

    private final ClusterState state;
    private final Messages messages;
    private final ManualFailover manualFailover;
    private final OwnRole role;
    private final Contests contests;
    private Attempt attempt;
    private long notBeforeMs;

    /** How often in a row. */
    private int timesOvertaken;
    private int expired;

    private String complaint = "";
    private long complainedMs;

    Election(
            ClusterState state, Messages messages, ManualFailover manualFailover, OwnRole role, Contests contests) {
        this.state = state;
        this.messages = messages;
        this.manualFailover = manualFailover;
        this.role = role;
        this.contests = contests;
    }

    /** A node has said something new: its offset, if it is a sibling. */
    void heard(Node node) {
        if (attempt != null) {
            attempt.silentSiblings.remove(node);
        }
    }

    /** Somebody else asks for votes: in this epoch each voter has only one. */
    void rivalAsked(BusHeader request) {
        if (attempt != null && attempt.epoch != 0 && request.currentEpoch() == attempt.epoch) {
            attempt.rivalled = true;
        }
    }

    /** Somebody has voted for this node in the epoch that the message names. */
    void voted(Node voter, BusHeader vote) {
        if (attempt != null && attempt.epoch != 0 && vote.currentEpoch() == attempt.epoch && voter.isVoter()) {
            attempt.voters.put(voter, vote.configEpoch());
        } else {
            state.verbose("Vote of " + voter + " for epoch " + vote.currentEpoch() + " came too late");
        }
    }

    /** To be called after every input: does what is due. */
    void step() {
        decide();
        state.standing = attempt != null && attempt.epoch != 0;
    }

    private void decide() {
        if (!isWanted()) {
            attempt = null;
            timesOvertaken = 0;
            expired = 0;
            complaint = "";
            return;
        }
        if (attempt != null && (attempt.primary != state.myself.primary || attempt.manual != manualFailover.canStart())) {
            attempt = null;
        }
        if (attempt != null && attempt.epoch != 0 && !attempt.slots.containsAll(messages.claimsOf(attempt.primary))) {
            state.notice("My primary has got slots that I have not asked for: the election begins anew");
            attempt = null;
            begin();
        }
        if (attempt == null && (manualFailover.canStart() || state.nowMs >= notBeforeMs && isFresh())) {
            begin();
        }
        if (attempt != null) {
            proceed();
        }
    }

    private boolean isWanted() {
        Node primary = state.myself.primary;
        if (primary == null || primary.slotCount() == 0) {
            return false;
        }
        return manualFailover.canStart()
                || primary.is(NodeFlag.FAIL) && !state.settings.replicas().noFailover()
                        && !primary.isBackWithNoLessThan(state.myself.offset);
    }

    /**
     * Whether the data is recent enough; the time until a failure is noticed is nobody's fault. Any is where the primary
     * itself has said that it has lost some.
     */
    private boolean isFresh() {
        ReplicaSettings settings = state.settings.replicas();
        long timeoutMs = state.settings.nodeTimeoutMs();
        long silenceMs = state.replication.silenceMs();
        long ageMs = silenceMs > timeoutMs ? silenceMs - timeoutMs : silenceMs;
        boolean fresh = settings.validityFactor() == 0
                || state.replication.synced() && state.myself.primary.behind
                || state.replication.synced() && ageMs <= settings.pingPeriodMs() + timeoutMs * settings.validityFactor();
        if (!fresh) {
            complain("Disconnected from master for longer than allowed. "
                    + "Please check the 'cluster-replica-validity-factor' configuration option.");
        }
        return fresh;
    }

    private void begin() {
        attempt = new Attempt();
        if (attempt.manual) {
            return;
        }
        for (Node node : state.nodes()) {
            if (isRival(node) && node.link != null && node.link.up) {
                attempt.silentSiblings.add(node);
                messages.inquire(node.link);
            }
        }
        state.notice("Start of election delayed for " + delayMs() + " milliseconds (rank #" + rank() + ", offset "
                + state.myself.offset + ").");
    }

    private void proceed() {
        if (attempt.epoch == 0) {
            if (isDue() && state.out.failure() == null) {
                ask();
            }
        } else if (isOver()) {
            // also with all votes, which may have waited while this process stood still: nobody counts on it any more
            complain("Failover attempt expired.");
            timesOvertaken = isOvertaken() ? timesOvertaken + 1 : 0;
            notBeforeMs = state.nowMs + pauseMs();
            attempt = null;
        } else if (votes() >= state.quorum()) {
            win();
        } else if (state.nowMs >= attempt.askAgainMs && state.out.failure() == null) {
            complain("Waiting for votes, but majority still not reached.");
            askAgain();
        }
    }

    private boolean isDue() {
        long waitedMs = state.nowMs - attempt.begunMs;
        boolean counted = attempt.silentSiblings.isEmpty() || waitedMs >= CENSUS_MS;
        return attempt.manual || counted && waitedMs >= delayMs() && contests.canBeWon();
    }

    private long delayMs() {
        long delayMs = state.nodes().stream().anyMatch(this::mayBeAhead) ? FILE_RANK_MS : 0;
        for (Node node : state.nodes()) {
            if (isAhead(node)) {
                delayMs += rankMs(node);
            } else if (competes(node)) {
                delayMs += SHARD_MS;
            }
        }
        return delayMs;
    }

    private long rankMs(Node ahead) {
        if (isFromFile()) {
            return FILE_RANK_MS;
        }
        return ahead.newest == null ? FOREIGN_RANK_MS : RANK_MS;
    }

    /** How many siblings are ahead. */
    private int rank() {
        int rank = 0;
        for (Node node : state.nodes()) {
            rank += isAhead(node) ? 1 : 0;
        }
        return rank;
    }

    private boolean isRival(Node node) {
        return isSibling(node) && (!node.isFailing() || isFromFile() && isBack(node));
    }

    private boolean isSibling(Node node) {
        return node != state.myself && node.primary == state.myself.primary && !node.is(NodeFlag.NOFAILOVER);
    }

    /** Whether a node that is taken for failed was heard just now: its answer, that ends the failure, is on its way. */
    private boolean isBack(Node node) {
        return node.dataReceivedMs > 0 && state.nowMs - node.dataReceivedMs < state.settings.nodeTimeoutMs();
    }

    /** Whether this node's data is from a file, and it has had no link since. */
    private boolean isFromFile() {
        return state.replication.silenceMs() == Long.MAX_VALUE;
    }

    /**
     * Whether this node has its data from a file and has not heard a sibling since it started. That it was failed when the
     * nodes file was written says nothing: it may have stood still and have all data.
     */
    private boolean mayBeAhead(Node node) {
        return isFromFile() && isSibling(node) && node.dataReceivedMs == 0;
    }

    private boolean isAhead(Node node) {
        Node me = state.myself;
        return isRival(node)
                && (node.offset > me.offset || node.offset == me.offset && node.id.compareTo(me.id) < 0);
    }

    /** Whether another shard lost its primary in these moments, and goes first. */
    private boolean competes(Node node) {
        Node primary = state.myself.primary;
        return node != primary
                && node.isVoter()
                && node.is(NodeFlag.FAIL)
                && state.nowMs - node.failedMs < RIVALRY_MS
                && node.id.compareTo(primary.id) < 0;
    }

    private void ask() {
        state.currentEpoch++;
        attempt.epoch = state.currentEpoch;
        attempt.slots = messages.claimsOf(attempt.primary);
        attempt.askedMs = state.nowMs;
        int spreadMs = OVERTAKEN_MS << Math.min(timesOvertaken, OVERTAKEN_DOUBLINGS);
        attempt.overtakenMs = OVERTAKEN_MS + state.random.nextInt(spreadMs);
        attempt.askAgainMs = state.nowMs + attempt.pauseMs;
        state.notice("Starting a failover election for epoch " + attempt.epoch + ".");
        state.changedDurably();
        requestVotes(state.nodes());
    }

    private void askAgain() {
        attempt.pauseMs = Math.min(2 * attempt.pauseMs, LONGEST_PAUSE_MS);
        attempt.askAgainMs = state.nowMs + attempt.pauseMs;
        if (!isOvertaken()) {
            requestVotes(
                    state.nodes().stream().filter(node -> node.isVoter() && !attempt.voters.containsKey(node)).toList());
        }
    }

    private void requestVotes(Collection<Node> nodes) {
        Attempt asking = attempt;
        int flags = asking.manual ? BusHeader.FORCE_ACK : 0;
        messages.requestVotes(nodes, flags, asking.slots, () -> attempt == asking);
    }

    /**
     * How long to wait before the next election: longer each time and by chance, as elections of several shards that are
     * held again and again keep each other from being won.
     */
    private long pauseMs() {
        expired = Math.min(expired + 1, EXPIRED_MOST);
        return (isOvertaken() ? 0 : RETRY_MS) + state.random.nextInt(RETRY_LEAST_MS << expired);
    }

    private int votes() {
        return contests.countVotes(attempt.voters, attempt.manual ? attempt.epoch : 0);
    }

    private boolean isOvertaken() {
        return attempt.rivalled || state.currentEpoch > attempt.epoch;
    }

    private boolean isOver() {
        long waitedMs = state.nowMs - attempt.askedMs;
        long timeoutMs = Math.max(2 * state.settings.nodeTimeoutMs(), LEAST_TIMEOUT_MS);
        return waitedMs > timeoutMs || isOvertaken() && waitedMs > attempt.overtakenMs;
    }

    private void win() {
        Node me = state.myself;
        state.notice("Failover election won: I'm the new master.");
        if (me.configEpoch < attempt.epoch) {
            me.configEpoch = attempt.epoch;
            state.notice("configEpoch set to " + attempt.epoch + " after successful failover");
        }
        contests.decided(me, attempt.epoch);
        SlotBitmap won = attempt.slots;
        attempt = null;
        notBeforeMs = 0;
        role.succeed(won);
    }

    /** Says why there is no new primary yet, when that lasts. */
    private void complain(String reason) {
        boolean young = attempt != null && attempt.manual
                ? state.nowMs < attempt.begunMs + MANUAL_GRACE_MS
                : state.nowMs < state.myself.primary.failedMs + state.settings.nodeTimeoutMs() + COMPLAINT_GRACE_MS;
        if (young || reason.equals(complaint) && state.nowMs - complainedMs < COMPLAINT_MS) {
            return;
        }
        complaint = reason;
        complainedMs = state.nowMs;
        state.notice("Currently unable to failover: " + reason);
        if (attempt != null) {
            state.notice("Needed quorum: " + state.quorum() + ". Number of votes received so far: "
                    + votes());
        }
    }
}
