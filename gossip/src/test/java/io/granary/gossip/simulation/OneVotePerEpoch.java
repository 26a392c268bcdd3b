package io.granary.gossip.simulation;

import io.granary.gossip.NodeId;
import io.granary.gossip.Output;
import io.granary.gossip.wire.BusMessage;
import java.util.HashMap;
import java.util.Map;

/** A node votes for at most one candidate in an epoch, crashes or not. */
final class OneVotePerEpoch implements Invariant {

    private record Ballot(NodeId voter, long epoch) {}

    private final Simulation simulation;
    private final Map<Ballot, Station> votes = new HashMap<>();

    OneVotePerEpoch(Simulation simulation) {
        this.simulation = simulation;
    }

    @Override
    public void does(SimulatedNode node, Output output, long nowMs) {
        if (output instanceof Output.Send(long link, BusMessage.FailoverAuthAck ack)) {
            Ballot ballot = new Ballot(ack.header().sender(), ack.header().currentEpoch());
            Station candidate = simulation.network().peer(node, link);
            // a vote on a link that is gone is nobody's
            Station earlier = candidate == null ? null : votes.putIfAbsent(ballot, candidate);
            if (earlier != null && earlier != candidate) {
                Invariant.violated("%s votes in epoch %d for %s and has voted for %s",
                        node, ballot.epoch(), candidate, earlier);
            }
        }
    }
}
