package io.granary.gossip;

/**
 * When whom is pinged: once a second, of five random nodes the one that was silent longest; any node that was not heard
 * of for half the node timeout, so that within one timeout each is asked at least once; everybody, while this node must find
 * out whether its own claims still hold; and a primary pings the other primaries for their promises ({@link Lease}), three
 * times as often as those run out. In a large cluster that is most of all traffic, so there such pings say nothing about
 * others but now and then, and go to a majority and a few more.
 */
final class Pinging {

    private static final int TICKS_A_SECOND = 10;
    private static final int CANDIDATES = 5;

    /** So many nodes are pinged in one tick beyond the rules, and no more. */
    private static final int EXTRA_IN_A_TICK = 20;

    /** So many primaries, or nodes, are a small cluster. */
    private static final int SMALL = 25;

    /** Nodes that come within such a time are many at once; after the last one others are asked for so many ticks. */
    private static final long CROWD_MS = 1000;

    private static final int ASKING_TICKS = 8;

    /** In a larger one, beyond half of the primaries one in so many is asked for a promise. */
    private static final int SPARE_SHARE = 10;

    private final ClusterState state;
    private final Messages messages;
    private final Links links;
    private final ClusterHealth health;
    private long ticks;
    private boolean news;
    private long grownMs;
    private int asking;

    Pinging(ClusterState state, Messages messages, Links links, ClusterHealth health) {
        this.state = state;
        this.messages = messages;
        this.links = links;
        this.health = health;
    }

    /**
     * Somebody has joined: some nodes are told with the next tick, so that a new cluster knows itself within a second or
     * two.
     */
    void announce() {
        news = true;
    }

    /**
     * The table has got another node. When many come at once there may be more to hear of than the usual talk brings within
     * seconds, as each message is about a tenth of the nodes: so others are asked until that brought nothing new for so long
     * that hardly anything can be missing.
     */
    void grown() {
        if (state.nodes().size() > SMALL && state.nowMs - grownMs < CROWD_MS) {
            asking = ASKING_TICKS;
        }
        grownMs = state.nowMs;
    }

    void tick() {
        ticks++;
        asking = Math.max(0, asking - 1);
        if (ticks % TICKS_A_SECOND == 0) {
            pingTheMostSilentOfSome();
        }
        if (news || asking > 0 || health.confirming()) {
            pingSome();
            news = false;
        }
        renewLease();
        for (Node node : state.nodes()) {
            if (node == state.myself || node.link == null || node.is(NodeFlag.NOADDR) || node.is(NodeFlag.HANDSHAKE)) {
                continue;
            }
            if (stuck(node)) {
                links.close(node.link);
            } else if (canBePinged(node) && state.nowMs - node.pongReceivedMs > state.settings.nodeTimeoutMs() / 2) {
                messages.ping(node.link);
            }
        }
    }

    private void renewLease() {
        Node me = state.myself;
        if (!me.isVoter()) {
            return;
        }
        long promiseMs = Promises.lengthMs(state);
        int size = state.size();
        int left = size <= SMALL ? size : size / 2 + size / SPARE_SHARE;
        int count = state.nodes().size();
        int first = state.nodes().indexOf(me);
        for (int i = 1; i < count && left > 0; i++) {
            Node node = state.nodes().get((first + i) % count);
            if (node.isVoter() && !node.isFailing() && node.link != null && node.link.up) {
                left -= node.askedSequence != 0 && state.nowMs - node.askedMs > promiseMs ? 0 : 1;
                askForPromise(node, promiseMs, size);
            }
        }
    }

    /** Voters of another kind are worth a node timeout once they have answered. An answer that is late is not waited for. */
    private void askForPromise(Node node, long promiseMs, int size) {
        if (node.newest == null) {
            if (canBePinged(node) && state.nowMs - node.answeredPingSentMs > state.settings.nodeTimeoutMs() / 3) {
                messages.ping(node.link);
            }
        } else if (state.nowMs - node.askedMs >= (node.askedSequence == 0 ? promiseMs / 3 : promiseMs)) {
            boolean gossip = size <= SMALL || state.nowMs - node.gossipedMs > state.settings.nodeTimeoutMs() / 2;
            messages.inquire(node.link, gossip);
        }
    }

    private void pingTheMostSilentOfSome() {
        Node silent = null;
        for (int i = 0; i < CANDIDATES; i++) {
            Node node = state.randomNode();
            if (canBePinged(node) && (silent == null || node.pongReceivedMs < silent.pongReceivedMs)) {
                silent = node;
            }
        }
        if (silent != null) {
            messages.ping(silent.link);
        }
    }

    private void pingSome() {
        int count = state.nodes().size();
        int first = state.random.nextInt(count);
        int left = EXTRA_IN_A_TICK;
        for (int i = 0; i < count && left > 0; i++) {
            Node node = state.nodes().get((first + i) % count);
            if (canBePinged(node)) {
                messages.ping(node.link);
                left--;
            }
        }
    }

    private boolean canBePinged(Node node) {
        return node != state.myself
                && node.link != null
                && node.link.up
                && node.pingSentMs == 0
                && !node.is(NodeFlag.HANDSHAKE);
    }

    /**
     * A connection can hang though its node is alive: half a timeout without any word, and a fresh one is tried. A whole
     * timeout without the answer, and a fresh one is tried even if the node pings us: it may have swallowed our ping, and
     * no other goes out on this connection.
     */
    private boolean stuck(Node node) {
        long timeoutMs = state.settings.nodeTimeoutMs();
        long unansweredMs = node.pingSentMs == 0 ? 0 : state.nowMs - node.pingSentMs;
        boolean silent = unansweredMs > timeoutMs / 2 && state.nowMs - node.dataReceivedMs > timeoutMs / 2;
        return state.nowMs - node.link.createdMs > timeoutMs && (silent || unansweredMs > timeoutMs);
    }
}
