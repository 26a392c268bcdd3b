package io.granary.gossip;

/** One connection of the bus. */
final class Link {

    final long number;
    final boolean inbound;
    final long createdMs;

    /** The address at the other end; of an inbound link the one that it came from. */
    final String peerIp;

    /** The address at our end, empty until the connection stands. */
    String localIp;

    /** Whose connection it is; null while the peer has not said who it is. */
    Node node;

    boolean up;

    /**
     * Where the link stands in the order in which links came to be: two links of one peer's process and of its next
     * differ.
     */
    long order;

    /** How views show it. */
    LinkView view;

    Link(long number, boolean inbound, long createdMs, String peerIp, String localIp) {
        this.number = number;
        this.inbound = inbound;
        this.createdMs = createdMs;
        this.peerIp = peerIp;
        this.localIp = localIp;
    }
}
