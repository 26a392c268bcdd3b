package io.granary.gossip;

import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who has failed. One node alone only suspects (PFAIL): a node timeout has passed since a ping went out, and not a byte
 * came from the node meanwhile, on any link and of any kind. Where a connection broke and the node's host says that nobody
 * listens there any more, nothing is waited for but the end of what this node has promised to it. Suspicions travel in
 * gossip, and at once to those who can do most about it. Where a majority of the
 * primaries with slots, this one counted, suspects the same node within two timeouts, it has failed (FAIL), and who
 * notices first tells everybody.
 *
 * <p>The agreement is weak: the majority is collected over some time. It need not be stronger, since a FAIL only permits
 * an election, and that needs the votes of a majority in one epoch. A FAIL that nobody acts on is taken back when the
 * node answers again.
 */
final class FailureDetector {

    /** How many node timeouts a report is worth something, and how many a failed primary that answers again must wait. */
    private static final int VALIDITY = 2;

    private static final long EARLY_PATIENCE_MS = 4000;

    private static final long ASK_MS = 200;

    /** How far the clock of another node may be ahead of ours. */
    private static final long CLOCK_TOLERANCE_MS = 500;

    /** Primaries that are told of a suspicion at once; suspects at once beyond which nobody is. */
    private static final int LISTENERS = 8;

    private static final int REPORTED_AT_ONCE = 16;

    /** An odd number of which nothing else is wanted than that it scatters hash codes. */
    private static final int SCATTER = 0x9E3779B1;

    private final ClusterState state;
    private final Messages messages;
    private final Promises promises;
    private final Set<Node> refusing = new LinkedHashSet<>();
    private final Set<Node> unreported = new LinkedHashSet<>();
    private long deafUntilMs;

    FailureDetector(ClusterState state, Messages messages, Promises promises) {
        this.state = state;
        this.messages = messages;
        this.promises = promises;
    }

    /**
     * This process stood still for so long. Nobody was silent but us, so nobody is held to what he did not send meanwhile;
     * and what others reported meanwhile, which still waits in our sockets and will look like news, is not counted.
     */
    void wasAbsent(long absenceMs) {
        deafUntilMs = state.nowMs + state.settings.nodeTimeoutMs() / 2;
        refusing.clear();
        for (Node node : state.nodes()) {
            node.pingSentMs = node.pingSentMs == 0 ? 0 : node.pingSentMs + absenceMs;
            node.failureReports.clear();
        }
    }

    void tick() {
        for (Node node : state.nodes()) {
            if (node == state.myself || node.is(NodeFlag.NOADDR) || node.is(NodeFlag.HANDSHAKE) || node.pingSentMs == 0) {
                continue;
            }
            long silenceMs = Math.min(state.nowMs - node.pingSentMs, state.nowMs - node.dataReceivedMs);
            if (silenceMs > state.settings.nodeTimeoutMs() && !node.isFailing()) {
                suspect(node);
            }
        }
    }

    private void suspect(Node node) {
        node.flags.add(NodeFlag.PFAIL);
        state.out.log(Output.Level.DEBUG, "*** NODE " + node + " possibly failing");
        state.changedSoft();
        unreported.add(node);
        failIfAgreed(node);
    }

    /**
     * The host of a node, which was connected before, has said that nobody listens there. A primary that nobody can replace
     * is given the whole node timeout to come back: nothing is won by calling it failed.
     */
    void refused(Node node) {
        if (node.isFailing() || state.nowMs < deafUntilMs || node.isVoter() && !hasReplica(node)) {
            return;
        }
        if (refusing.add(node)) {
            node.refusedMs = state.nowMs;
        }
    }

    /**
     * A node has said something newer than all before. One that has lost data is as good as dead to replicas with more; one
     * that was taken for dead and speaks is asked, since it is its answer that counts.
     */
    void heard(Node node) {
        if (node.behind) {
            if (!node.isFailing() && node.isVoter() && hasReplicaWithMore(node)) {
                suspect(node);
            }
        } else if (node.isFailing() && node.link != null && node.link.up && state.nowMs - node.askedMs > ASK_MS) {
            messages.inquire(node.link);
        }
    }

    private boolean hasReplica(Node primary) {
        return state.nodes().stream().anyMatch(node -> node.primary == primary && !node.isFailing());
    }

    private boolean hasReplicaWithMore(Node primary) {
        return state.nodes().stream()
                .anyMatch(node -> node.primary == primary && !node.isFailing() && node.offset > primary.offset);
    }

    /** To be called after every input: suspects who has refused connections, and tells what has come up. */
    void step() {
        if (!refusing.isEmpty()) {
            refusing.removeIf(node -> node.isFailing() || isBack(node));
            for (Node node : refusing.toArray(Node[]::new)) {
                if (!promises.bind(node)) {
                    refusing.remove(node);
                    suspect(node);
                }
            }
        }
        if (!unreported.isEmpty()) {
            report();
        }
    }

    private boolean isBack(Node node) {
        return node.dataReceivedMs >= node.refusedMs
                || node.inbound != null
                || node.link != null && node.link.up
                || state.node(node.id) != node;
    }

    /**
     * Tells of new suspicions those who can do most about it: the suspect's replicas, and some primaries, the same for
     * everybody, so that one of them has a majority's reports soon. Everybody to everybody would be a flood in a large
     * cluster. Many suspects at once are a partition; they are left to gossip.
     */
    private void report() {
        unreported.removeIf(node -> !node.isFailing() || state.node(node.id) != node);
        if (unreported.size() <= REPORTED_AT_ONCE && state.myself.isVoter()) {
            List<Node> suspects = List.copyOf(unreported);
            Set<Node> listeners = new LinkedHashSet<>();
            suspects.forEach(suspect -> addListeners(suspect, listeners));
            for (Node listener : listeners) {
                messages.report(listener.link, suspects);
            }
        }
        unreported.clear();
    }

    private void addListeners(Node suspect, Set<Node> listeners) {
        List<Node> voters = new ArrayList<>();
        for (Node node : state.nodes()) {
            if (node == state.myself || node == suspect || node.link == null || !node.link.up || node.isFailing()) {
                continue;
            }
            if (node.primary == suspect) {
                listeners.add(node);
            } else if (node.isVoter()) {
                voters.add(node);
            }
        }
        int salt = suspect.id.hashCode();
        voters.sort(Comparator.comparingInt(node -> (node.id.hashCode() ^ salt) * SCATTER));
        listeners.addAll(voters.subList(0, Math.min(voters.size(), LISTENERS)));
    }

    /** A pong has come: a suspicion is over, a FAIL perhaps. */
    void answered(Node node) {
        if (node.behind) {
            return;
        }
        if (node.flags.remove(NodeFlag.PFAIL)) {
            state.changedSoft();
        } else if (node.is(NodeFlag.FAIL)) {
            clearIfPossible(node);
        }
    }

    private void clearIfPossible(Node node) {
        if (node.isReplica() || node.slotCount() == 0) {
            clear(node, (node.isReplica() ? "replica" : "master without slots") + " is reachable again.");
        } else if (node.waited) {
            clear(node, "serves its slots again, since no replica has more data.");
        } else if (state.nowMs - node.failedMs > patienceMs(node)) {
            clear(node, "is reachable again and nobody is serving its slots after some time.");
        }
    }

    /** How long a primary's replicas have to take its place; one that was given up early is taken back early. */
    private long patienceMs(Node node) {
        long timeoutMs = state.settings.nodeTimeoutMs();
        boolean early = node.failedMs - node.dataReceivedMs < timeoutMs;
        return early ? Math.min(timeoutMs * VALIDITY, EARLY_PATIENCE_MS) : timeoutMs * VALIDITY;
    }

    private void clear(Node node, String why) {
        state.notice("Clear FAIL state for node " + node + ": " + why);
        node.flags.remove(NodeFlag.FAIL);
        state.changedSoft();
    }

    /** A primary with slots says whether a node fails. */
    void reported(Node node, Node reporter, GossipEntry entry) {
        if (!reporter.isVoter() || state.nowMs < deafUntilMs) {
            return;
        }
        if (entry.is(NodeFlag.FAIL) || entry.is(NodeFlag.PFAIL)) {
            if (node.failureReports.put(reporter, state.nowMs) == null) {
                state.verbose("Node " + reporter + " reported node " + node + " as not reachable.");
            }
            failIfAgreed(node);
        } else if (!node.failureReports.isEmpty() && node.failureReports.remove(reporter) != null) {
            state.verbose("Node " + reporter + " reported node " + node + " is back online.");
        }
    }

    /** How many others that still have a vote have lately said that it fails. */
    int reports(Node node) {
        long oldestMs = state.nowMs - state.settings.nodeTimeoutMs() * VALIDITY;
        node.failureReports.entrySet().removeIf(report -> report.getValue() < oldestMs || !report.getKey().isVoter());
        return node.failureReports.size();
    }

    private void failIfAgreed(Node node) {
        if (!node.is(NodeFlag.PFAIL) || reports(node) + (state.myself.isVoter() ? 1 : 0) < state.quorum()) {
            return;
        }
        state.notice("Marking node " + node + " as failing (quorum reached).");
        fail(node);
        messages.broadcastFail(node);
    }

    private void fail(Node node) {
        node.flags.remove(NodeFlag.PFAIL);
        node.flags.add(NodeFlag.FAIL);
        node.failedMs = state.nowMs;
        node.waited = false;
        state.changedSoft();
    }

    /** Another member has seen the majority. */
    void told(BusMessage.Fail message, Node sender) {
        Node node = state.node(message.node());
        if (node != null && node != state.myself && !node.is(NodeFlag.FAIL) && !node.is(NodeFlag.HANDSHAKE)) {
            state.notice("FAIL message received from " + sender + " about " + node);
            fail(node);
        }
    }

    /**
     * Others have heard of a node that we neither wait for nor have reports about: that saves us a ping. Their clocks
     * tell the time of it, so one from the future is not believed, and one from the past changes nothing.
     */
    void heardOf(Node node, GossipEntry entry) {
        long pongMs = entry.pongReceivedS() * 1000;
        boolean alive = !entry.is(NodeFlag.FAIL) && !entry.is(NodeFlag.PFAIL);
        boolean later = pongMs > node.pongReceivedMs && pongMs <= state.nowMs + CLOCK_TOLERANCE_MS;
        if (alive && later && node.pingSentMs == 0 && reports(node) == 0) {
            node.pongReceivedMs = pongMs;
        }
    }
}
