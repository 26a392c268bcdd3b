package io.granary.gossip;

import com.google.common.net.InetAddresses;
import io.granary.gossip.wire.BusHeader;
import io.granary.gossip.wire.GossipEntry;
import java.util.Set;

/**
 * Who belongs to the cluster and where each node is: meeting, hearing of others, moving, forgetting.
 *
 * <p>A node joins in one of two ways only. An operator has it met: it then stands in the table under a random name, in
 * handshake, until its first answer tells its own. Or a node that is a member already gossips about it. Strangers are
 * answered and otherwise ignored, since addresses are reused and a stranger may belong to another cluster.
 */
final class Membership {

    /** A table larger than this is no cluster, but somebody making up nodes. */
    private static final int NODES_LIMIT = 4096;

    private static final int HANDSHAKES_LIMIT = 1024;
    private static final long HANDSHAKE_LEAST_MS = 1000;

    private final ClusterState state;
    private final Links links;
    private final Blacklist blacklist;
    private final Pinging pinging;

    Membership(ClusterState state, Links links, Blacklist blacklist, Pinging pinging) {
        this.state = state;
        this.links = links;
        this.blacklist = blacklist;
        this.pinging = pinging;
    }

    /** Begins to meet the node at an address; says whether that is an address at all. */
    boolean meet(String host, long port, long busPort) {
        if (!InetAddresses.isInetAddress(host) || port <= 0 || port > 65535 || busPort <= 0 || busPort > 65535) {
            return false;
        }
        String ip = InetAddresses.toAddrString(InetAddresses.forString(host));
        boolean tls = state.settings.tlsCluster();
        handshake(ip, tls ? 0 : (int) port, tls ? (int) port : 0, (int) busPort, true);
        return true;
    }

    /** A stranger has had us met: it is met in turn, at the address that it announces or else comes from. */
    void metBy(BusHeader header, Link link) {
        String ip = header.ip().isEmpty() ? link.peerIp : header.ip();
        handshake(ip, clientPort(header.port(), header.secondPort()), tlsPort(header.port(), header.secondPort()),
                header.busPort(), false);
    }

    private void handshake(String ip, int port, int tlsPort, int busPort, boolean meet) {
        int handshakes = 0;
        for (Node node : state.nodes()) {
            if (node.is(NodeFlag.HANDSHAKE)) {
                handshakes++;
                if (node.ip.equals(ip) && node.busPort == busPort && node.port == port && node.tlsPort == tlsPort) {
                    return;
                }
            }
        }
        if (handshakes >= HANDSHAKES_LIMIT || state.nodes().size() >= NODES_LIMIT) {
            return;
        }
        Node node = new Node(NodeId.random(state.random), NodeId.randomHex(state.random), state.nowMs);
        node.flags.add(NodeFlag.HANDSHAKE);
        node.meet = meet;
        node.ip = ip;
        node.port = port;
        node.tlsPort = tlsPort;
        node.busPort = busPort;
        state.add(node);
        state.changed();
        links.connect(node);
    }

    /** Gives up on handshakes that nobody answered. */
    void tick() {
        long patienceMs = Math.max(state.settings.nodeTimeoutMs(), HANDSHAKE_LEAST_MS);
        for (Node node : state.nodesNow()) {
            if (node.is(NodeFlag.HANDSHAKE) && state.nowMs - node.createdMs > patienceMs) {
                remove(node);
            }
        }
    }

    /** The node behind a handshake has answered and told its name; says whether it stays in the table under it. */
    boolean shakeHands(Node node, BusHeader header) {
        Node known = state.node(header.sender());
        if (known != null) {
            if (known != state.myself) {
                updateAddress(known, node.link, header);
            }
            remove(node);
            return false;
        }
        blacklist.remove(header.sender());
        state.rename(node, header.sender());
        node.flags.remove(NodeFlag.HANDSHAKE);
        node.flags.add(header.isPrimary() ? NodeFlag.PRIMARY : NodeFlag.REPLICA);
        state.learned(false);
        pinging.announce();
        pinging.grown();
        return true;
    }

    /** Somebody else answers where a node was: its address is not known any more. */
    void loseAddress(Node node) {
        node.flags.add(NodeFlag.NOADDR);
        node.ip = "";
        node.port = 0;
        node.tlsPort = 0;
        node.busPort = 0;
        links.close(node.link);
        state.changedSoft();
    }

    /** A node speaks to us from another address than the one in the table, over any link but our own to it. */
    void updateAddress(Node node, Link link, BusHeader header) {
        String ip = header.ip().isEmpty() ? link.peerIp : header.ip();
        int port = clientPort(header.port(), header.secondPort());
        int tlsPort = tlsPort(header.port(), header.secondPort());
        if (link == node.link || ip.isEmpty()) {
            return;
        }
        if (move(node, ip, port, tlsPort, header.busPort())) {
            state.notice("Address updated for node " + node + ", now " + ip + ":" + port);
        }
    }

    private boolean move(Node node, String ip, int port, int tlsPort, int busPort) {
        if (node.ip.equals(ip) && node.port == port && node.tlsPort == tlsPort && node.busPort == busPort) {
            return false;
        }
        boolean elsewhere = !node.ip.equals(ip) || node.busPort != busPort;
        node.ip = ip;
        node.port = port;
        node.tlsPort = tlsPort;
        node.busPort = busPort;
        node.flags.remove(NodeFlag.NOADDR);
        if (elsewhere && node.link != null) {
            links.close(node.link);
        }
        links.signOfLife(node);
        links.connect(node);
        state.changedSoft();
        return true;
    }

    /**
     * Our own address, as a peer that reached us sees it. The one that a MEET came to is the one that the cluster uses; any
     * will do as long as there is none.
     */
    void learnOwnAddress(Link link, boolean meet) {
        Node myself = state.myself;
        if (!state.settings.announceIp().isEmpty() || link.localIp.isEmpty() || link.localIp.equals(myself.ip)) {
            return;
        }
        if (meet || myself.ip.isEmpty()) {
            myself.ip = link.localIp;
            state.notice("IP address for this node updated to " + myself.ip);
            state.changedSoft();
        }
    }

    /** A member gossips about a node that is not in the table. */
    void heardOf(GossipEntry entry) {
        if (entry.is(NodeFlag.NOADDR) || entry.is(NodeFlag.HANDSHAKE) || entry.ip().isEmpty()) {
            return;
        }
        if (blacklist.contains(entry.id()) || state.nodes().size() >= NODES_LIMIT) {
            return;
        }
        Node node = new Node(entry.id(), NodeId.randomHex(state.random), state.nowMs);
        Set<NodeFlag> told = NodeFlag.of(entry.flags());
        told.removeAll(Set.of(NodeFlag.PFAIL, NodeFlag.MYSELF));
        if (told.contains(NodeFlag.PRIMARY) && told.contains(NodeFlag.REPLICA)) {
            return;
        }
        node.flags.addAll(told);
        if (node.is(NodeFlag.FAIL)) {
            node.failedMs = state.nowMs;
        }
        node.ip = entry.ip();
        node.port = clientPort(entry.port(), entry.secondPort());
        node.tlsPort = tlsPort(entry.port(), entry.secondPort());
        node.busPort = entry.busPort();
        state.add(node);
        state.learned(false);
        pinging.grown();
        links.connect(node);
    }

    /** A member that can reach a node which we can not tells another address of it. */
    void heardOfMove(Node node, GossipEntry entry) {
        if (!entry.is(NodeFlag.NOADDR) && !entry.ip().isEmpty()) {
            move(node, entry.ip(), clientPort(entry.port(), entry.secondPort()),
                    tlsPort(entry.port(), entry.secondPort()), entry.busPort());
        }
    }

    void remove(Node node) {
        links.closeAll(node);
        state.remove(node);
        if (!node.is(NodeFlag.HANDSHAKE)) {
            state.changedDurably();
        }
    }

    private int clientPort(int first, int second) {
        return state.settings.tlsCluster() ? second : first;
    }

    private int tlsPort(int first, int second) {
        return state.settings.tlsCluster() ? first : second;
    }
}
