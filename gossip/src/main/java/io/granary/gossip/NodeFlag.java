package io.granary.gossip;

/** What a node is known to be; the order is the one in which CLUSTER NODES lists them, the word is the one that it writes. */
public enum NodeFlag {
    MYSELF("myself", 16),
    PRIMARY("master", 1),
    REPLICA("slave", 2),
    PFAIL("fail?", 4),
    FAIL("fail", 8),
    HANDSHAKE("handshake", 32),
    NOADDR("noaddr", 64),
    NOFAILOVER("nofailover", 512);

    private final String word;
    private final int bit;

    NodeFlag(String word, int bit) {
        this.word = word;
        this.bit = bit;
    }

    /** The word in CLUSTER NODES and in the nodes file. */
    public String word() {
        return word;
    }

    /** The bit on the bus. */
    public int bit() {
        return bit;
    }
}
