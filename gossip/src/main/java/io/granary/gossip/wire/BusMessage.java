package io.granary.gossip.wire;

import io.granary.gossip.NodeId;
import io.granary.gossip.SlotBitmap;
import java.util.List;

/** One message of the cluster bus. */
public sealed interface BusMessage {

    BusHeader header();

    MessageType type();

    /** PING, PONG and MEET: I am alive, this is what I am, this is what I heard of others. */
    record Heartbeat(MessageType type, BusHeader header, List<GossipEntry> gossip, List<PingExtension> extensions)
            implements BusMessage {

        public Heartbeat {
            gossip = List.copyOf(gossip);
            extensions = List.copyOf(extensions);
        }
    }

    /** A majority agrees that {@code node} has failed. */
    record Fail(BusHeader header, NodeId node) implements BusMessage {
        @Override
        public MessageType type() {
            return MessageType.FAIL;
        }
    }

    /** A message of a channel, to be handed to subscribers; {@code type} says whether of a shard channel. */
    record Publish(MessageType type, BusHeader header, byte[] channel, byte[] message) implements BusMessage {}

    /** Somebody else owns slots that the receiver claimed: {@code node}, in {@code configEpoch}. */
    record Update(BusHeader header, long configEpoch, NodeId node, SlotBitmap slots) implements BusMessage {
        @Override
        public MessageType type() {
            return MessageType.UPDATE;
        }
    }

    /** A replica asks for a vote in its current epoch. */
    record FailoverAuthRequest(BusHeader header) implements BusMessage {
        @Override
        public MessageType type() {
            return MessageType.FAILOVER_AUTH_REQUEST;
        }
    }

    /** The vote, granted. */
    record FailoverAuthAck(BusHeader header) implements BusMessage {
        @Override
        public MessageType type() {
            return MessageType.FAILOVER_AUTH_ACK;
        }
    }

    /** A replica asks its primary to pause writes for a manual failover. */
    record MfStart(BusHeader header) implements BusMessage {
        @Override
        public MessageType type() {
            return MessageType.MFSTART;
        }
    }

    /** A message between modules of Redis; nothing here reads it. */
    record Module(BusHeader header, long module, int kind, byte[] payload) implements BusMessage {
        @Override
        public MessageType type() {
            return MessageType.MODULE;
        }
    }
}
