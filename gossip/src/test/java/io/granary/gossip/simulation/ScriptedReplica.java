package io.granary.gossip.simulation;

import io.granary.gossip.Input;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.MessageType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A replica as a voter sees it: it answers pings in its primary's name and stands for election when it is told to, as a
 * replica of Redis does. It never dials and keeps nothing.
 */
final class ScriptedReplica implements Station {

    private final int number;
    private final SimulatedNode primary;
    private final SimulatedNetwork network;
    private final Set<Long> links = new TreeSet<>();
    private final Set<NodeId> votes = new HashSet<>();
    private long lastAccepted;
    private long currentEpoch;
    private long electionEpoch = -1;

    ScriptedReplica(int number, SimulatedNode primary, SimulatedNetwork network) {
        this.number = number;
        this.primary = primary;
        this.network = network;
        network.add(this);
    }

    NodeId id() {
        return SimulatedNode.idOf(number);
    }

    long currentEpoch() {
        return currentEpoch;
    }

    /** How many voted for it in its latest election. */
    int votes() {
        return votes.size();
    }

    /** Stands for election in an epoch, which must be new to it. */
    void campaign(long epoch) {
        currentEpoch = epoch;
        electionEpoch = epoch;
        votes.clear();
        for (long link : new ArrayList<>(links)) {
            network.send(this, link, new BusMessage.FailoverAuthRequest(header()));
        }
    }

    @Override
    public void give(Input input) {
        switch (input) {
            case Input.Accepted accepted -> links.add(accepted.link());
            case Input.LinkDown down -> links.remove(down.link());
            case Input.Received(long link, BusMessage message) -> received(link, message);
            default -> throw new AssertionError("a replica that does not dial got " + input);
        }
    }

    private void received(long link, BusMessage message) {
        currentEpoch = Math.max(currentEpoch, message.header().currentEpoch());
        if (message.type() == MessageType.PING || message.type() == MessageType.MEET) {
            network.send(this, link, new BusMessage.Heartbeat(MessageType.PONG, header(), List.of(), List.of()));
        } else if (message instanceof BusMessage.FailoverAuthAck ack && ack.header().currentEpoch() == electionEpoch) {
            votes.add(ack.header().sender());
        }
    }

    /** A replica speaks of its primary's slots, in its primary's epoch. */
    private BusHeader header() {
        NodeView of = primary.view().myself();
        return new BusHeader(
                id(), currentEpoch, of.configEpoch(), 1, primary.view().slotsOf(of), of.id(), "", 7000, 0, busPort(),
                NodeFlag.REPLICA.bit() | NodeFlag.MYSELF.bit(), true, BusHeader.EXTENSIONS, null);
    }

    @Override
    public String ip() {
        return "10.1.0." + number;
    }

    @Override
    public int busPort() {
        return 17000;
    }

    @Override
    public int incarnation() {
        return 1;
    }

    @Override
    public boolean isUnreachable() {
        return false;
    }

    @Override
    public boolean isListening() {
        return true;
    }

    @Override
    public long nextAccepted() {
        return --lastAccepted;
    }

    @Override
    public String toString() {
        return "replica " + number;
    }
}
