package io.granary.gossip;

import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;

/**
 * Who has failed. One node alone only suspects (PFAIL): a node timeout has passed since a ping went out, and not a byte
 * came from the node meanwhile, on any link and of any kind. Suspicions travel in gossip. Where a majority of the
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

    /** How far the clock of another node may be ahead of ours. */
    private static final long CLOCK_TOLERANCE_MS = 500;

    private final ClusterState state;
    private final Messages messages;
    private long deafUntilMs;

    FailureDetector(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    /**
     * This process stood still for so long. Nobody was silent but us, so nobody is held to what he did not send meanwhile;
     * and what others reported meanwhile, which still waits in our sockets and will look like news, is not counted.
     */
    void wasAbsent(long absenceMs) {
        deafUntilMs = state.nowMs + state.settings.nodeTimeoutMs() / 2;
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
                node.flags.add(NodeFlag.PFAIL);
                state.out.log(Output.Level.DEBUG, "*** NODE " + node + " possibly failing");
                state.changedSoft();
                failIfAgreed(node);
            }
        }
    }

    /** A pong has come: a suspicion is over, a FAIL perhaps. */
    void answered(Node node) {
        if (node.flags.remove(NodeFlag.PFAIL)) {
            state.changedSoft();
        } else if (node.is(NodeFlag.FAIL)) {
            clearIfPossible(node);
        }
    }

    private void clearIfPossible(Node node) {
        if (node.isReplica() || node.slotCount() == 0) {
            clear(node, (node.isReplica() ? "replica" : "master without slots") + " is reachable again.");
        } else if (state.nowMs - node.failedMs > state.settings.nodeTimeoutMs() * VALIDITY) {
            clear(node, "is reachable again and nobody is serving its slots after some time.");
        }
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
        } else if (node.failureReports.remove(reporter) != null) {
            state.verbose("Node " + reporter + " reported node " + node + " is back online.");
        }
    }

    /** How many others have lately said that it fails. */
    int reports(Node node) {
        long oldestMs = state.nowMs - state.settings.nodeTimeoutMs() * VALIDITY;
        node.failureReports.values().removeIf(reportedMs -> reportedMs < oldestMs);
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
