package io.granary.gossip;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The connections of the bus: one that this node makes to every other, and those that others make. Pings go out on our
 * own links and their pongs come back on them.
 *
 * <p>A connection that fails is tried again after a delay that doubles, and only so many are begun in one tick: when a
 * switch comes back, hundreds of nodes must not dial each other in the same moment. A sign of life from the peer ends the
 * delay.
 */
final class Links {

    private static final long FIRST_DELAY_MS = 100;
    private static final long LONGEST_DELAY_MS = 1600;
    private static final int CONNECTS_IN_A_TICK = 64;

    /** A connection that stood for so long is replaced at once, others with the next tick. */
    private static final long STEADY_MS = 500;

    /** A peer that connects and does not say who it is has this long at least. */
    private static final long STRANGER_MS = 15000;

    private final ClusterState state;
    private final Messages messages;
    private final Map<Long, Link> links = new HashMap<>();
    private final Set<Link> strangers = new LinkedHashSet<>();
    private long lastNumber;
    private long lastOrder;
    private int connectsLeft = CONNECTS_IN_A_TICK;
    private int cursor;

    Links(ClusterState state, Messages messages) {
        this.state = state;
        this.messages = messages;
    }

    /** The link of that number, null when it is gone. */
    Link link(long number) {
        return links.get(number);
    }

    void tick() {
        connectsLeft = CONNECTS_IN_A_TICK;
        int count = state.nodes().size();
        for (int i = 0; i < count && connectsLeft > 0; i++) {
            cursor = (cursor + 1) % count;
            connect(state.nodes().get(cursor));
        }
        long patienceMs = Math.max(STRANGER_MS, state.settings.nodeTimeoutMs());
        for (Link link : strangers.toArray(Link[]::new)) {
            if (state.nowMs - link.createdMs > patienceMs) {
                close(link);
            }
        }
    }

    /** Opens our connection to a node, if it has none and may have one. */
    void connect(Node node) {
        if (node == state.myself || node.link != null || node.is(NodeFlag.NOADDR) || node.ip.isEmpty()) {
            return;
        }
        if (connectsLeft <= 0 || state.nowMs < node.connectAfterMs) {
            return;
        }
        connectsLeft--;
        lastNumber++;
        node.link = new Link(lastNumber, false, state.nowMs, node.ip, "");
        node.link.node = node;
        links.put(lastNumber, node.link);
        state.out.add(new Output.Connect(lastNumber, node.ip, node.busPort));
    }

    void up(long number, String localIp) {
        Link link = links.get(number);
        if (link == null) {
            return;
        }
        link.up = true;
        link.localIp = localIp;
        link.order = ++lastOrder;
        link.node.connectDelayMs = 0;
        state.changedSoon();
        // The first message at once: until a ping is under way, silence proves nothing. A ping that was open when the
        // last link broke stays the one that counts, or a node whose links break again and again would never be found
        // out.
        long openSinceMs = link.node.pingSentMs;
        if (link.node.meet) {
            messages.meet(link);
            link.node.meet = false;
        } else {
            messages.ping(link);
        }
        link.node.pingSentMs = openSinceMs == 0 ? state.nowMs : openSinceMs;
    }

    /**
     * A connection is gone, or was not made. One that had stood is tried again at once: whether the peer lives is known in
     * a moment. Returns the node whose host has said that nobody listens there, if it had been connected before and has
     * no connection to us either; else null.
     */
    Node down(long number, boolean refused) {
        Link link = links.remove(number);
        if (link == null) {
            return null;
        }
        detach(link);
        Node node = link.node;
        if (node == null || link.inbound || node.is(NodeFlag.HANDSHAKE)) {
            return null;
        }
        if (link.up && state.nowMs - link.createdMs > STEADY_MS) {
            connect(node);
        }
        return refused && !link.up && node.inbound == null && node.dataReceivedMs > 0 ? node : null;
    }

    void accepted(long number, String peerIp, String localIp) {
        Link link = new Link(number, true, state.nowMs, peerIp, localIp);
        link.up = true;
        link.order = ++lastOrder;
        links.put(number, link);
        strangers.add(link);
    }

    /**
     * The peer of an inbound link has said who it is. The newest connection of a peer counts; an older one is a leftover.
     */
    void identify(Link link, Node node) {
        if (link.node == node) {
            return;
        }
        if (link.node != null) {
            link.node.inbound = null;
        }
        if (node.inbound != null) {
            close(node.inbound);
        }
        node.inbound = link;
        link.node = node;
        strangers.remove(link);
        state.changedSoon();
    }

    void signOfLife(Node node) {
        node.connectAfterMs = 0;
        node.connectDelayMs = 0;
    }

    void close(Link link) {
        if (links.remove(link.number) != null) {
            state.out.add(new Output.Close(link.number));
            detach(link);
        }
    }

    /** Closes both connections of a node that is being forgotten. */
    void closeAll(Node node) {
        if (node.link != null) {
            close(node.link);
        }
        if (node.inbound != null) {
            close(node.inbound);
        }
    }

    /** Closes what others have connected; they will come again. */
    void closeInbound() {
        for (Link link : links.values().toArray(Link[]::new)) {
            if (link.inbound) {
                close(link);
            }
        }
    }

    private void detach(Link link) {
        strangers.remove(link);
        Node node = link.node;
        if (node == null) {
            return;
        }
        state.changedSoon();
        if (node.inbound == link) {
            node.inbound = null;
        } else if (node.link == link) {
            node.link = null;
            // From now on no pong can come: the silence is measured from here.
            if (node.pingSentMs == 0) {
                node.pingSentMs = state.nowMs;
            }
            if (!link.up) {
                node.connectDelayMs = Math.clamp(node.connectDelayMs * 2, FIRST_DELAY_MS, LONGEST_DELAY_MS);
                node.connectAfterMs = state.nowMs + node.connectDelayMs;
            }
        }
    }
}
