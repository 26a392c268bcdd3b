package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.GossipEntry;
import io.granary.gossip.wire.MessageType;
import io.granary.gossip.wire.PingExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A machine under test and the peers that a test plays by hand: every field of every message is the test's. */
final class Peer {

    /** The machine under test with what it said last. */
    static final class Subject {
        final Gossip gossip;
        final List<Output> outputs = new ArrayList<>();
        ClusterView view;
        long nowMs = 1_700_000_000_000L;
        boolean savesAtOnce = true;
        private long lastInbound;

        Subject(Gossip gossip) {
            this.gossip = gossip;
            give(new Input.Started());
        }

        static Subject fresh() {
            return new Subject(Gossip.fresh(
                    new NodeId("5".repeat(40)), GossipSettings.onPort(7000).withNodeTimeoutMs(1000), new Random(5)));
        }

        static Subject restored(NodesFile file, String warning) {
            return new Subject(Gossip.restored(
                    new NodesFile.Loaded(file, warning),
                    GossipSettings.onPort(7000).withNodeTimeoutMs(1000),
                    new Random(5)));
        }

        List<Output> give(Input input) {
            List<Output> given = gossip.handle(nowMs, input);
            outputs.addAll(given);
            for (Output output : given) {
                if (output instanceof Output.Publish publish) {
                    view = publish.view();
                } else if (output instanceof Output.Save save && savesAtOnce) {
                    give(new Input.Saved(save.generation()));
                }
            }
            return given;
        }

        String ask(OperatorRequest request) {
            outputs.clear();
            give(new Input.Asked(1, request));
            for (Output output : outputs) {
                if (output instanceof Output.Answer answer) {
                    return answer.error() == null ? answer.text() : answer.error();
                }
            }
            return null;
        }

        /** What was sent since the outputs were last cleared. */
        <T extends BusMessage> List<T> sent(Class<T> type) {
            return outputs.stream()
                    .filter(Output.Send.class::isInstance)
                    .map(output -> ((Output.Send) output).message())
                    .filter(type::isInstance)
                    .map(type::cast)
                    .toList();
        }

        void pass(long ms) {
            for (long passed = 0; passed < ms; passed += 100) {
                nowMs += 100;
                give(new Input.Tick());
            }
        }

        private long accept() {
            lastInbound--;
            give(new Input.Accepted(lastInbound, "10.0.0.9", "10.0.0.5"));
            return lastInbound;
        }
    }

    final Subject subject;
    final NodeId id;
    final int busPort;
    long currentEpoch;
    long configEpoch;
    long offset;
    SlotBitmap slots = SlotBitmap.EMPTY;
    NodeId primary;
    int messageFlags;
    BusHeader.Stamp stamp;
    long link;
    long ourLink;

    /** A peer that an operator has the subject meet, up to the end of the handshake. */
    Peer(Subject subject, char digit) {
        this.subject = subject;
        this.id = new NodeId(String.valueOf(digit).repeat(40));
        this.busPort = 17000 + digit;
        subject.outputs.clear();
        subject.give(new Input.Asked(99, new OperatorRequest.Meet("10.0.0.9", 7000 + digit, busPort)));
        for (Output output : List.copyOf(subject.outputs)) {
            if (output instanceof Output.Connect connect && connect.busPort() == busPort) {
                ourLink = connect.link();
            }
        }
        subject.give(new Input.LinkUp(ourLink, "10.0.0.5"));
        say(ourLink, MessageType.PONG);
        link = subject.accept();
    }

    /** A peer that the subject has in its nodes file already; nothing connects it yet. */
    Peer(Subject subject, NodeId id) {
        this.subject = subject;
        this.id = id;
        this.busPort = 1;
        this.link = subject.accept();
    }

    BusHeader header() {
        return new BusHeader(
                id, currentEpoch, configEpoch, offset, slots, primary, "", busPort - 10000, 0, busPort,
                primary == null ? 1 : 2, true, messageFlags, stamp);
    }

    /** Sends a ping on its own connection. */
    void ping(GossipEntry... gossip) {
        heartbeat(link, MessageType.PING, List.of(gossip), List.of());
    }

    /** Answers on the subject's connection. */
    void pong() {
        say(ourLink, MessageType.PONG);
    }

    void say(long over, MessageType type) {
        heartbeat(over, type, List.of(), List.of());
    }

    void heartbeat(long over, MessageType type, List<GossipEntry> gossip, List<PingExtension> extensions) {
        send(over, new BusMessage.Heartbeat(type, header(), gossip, extensions));
    }

    void send(long over, BusMessage message) {
        subject.give(new Input.Received(over, message));
    }

    void reconnect() {
        link = subject.accept();
    }

    NodeView seen() {
        return subject.view.node(id);
    }
}
