package io.granary.gossip;

import io.granary.gossip.wire.MessageType;
import java.util.Map;

/** How many messages of each type this node has sent and received, as of the view that holds it. */
public record MessageCounts(Map<MessageType, Long> sent, Map<MessageType, Long> received) {

    public static final MessageCounts NONE = new MessageCounts(Map.of(), Map.of());

    public MessageCounts {
        sent = Map.copyOf(sent);
        received = Map.copyOf(received);
    }
}
