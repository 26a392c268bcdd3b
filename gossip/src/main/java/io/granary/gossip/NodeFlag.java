package io.granary.gossip;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a node is known to be; the order is the one in which CLUSTER NODES lists them, the word is the one that it writes.
 */
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

    /** The flags of a word of the bus; bits that mean nothing here are dropped. */
    public static Set<NodeFlag> of(int bits) {
        Set<NodeFlag> flags = EnumSet.noneOf(NodeFlag.class);
        for (NodeFlag flag : values()) {
            if ((bits & flag.bit) != 0) {
                flags.add(flag);
            }
        }
        return flags;
    }

    /** The flags as a word of the bus. */
    public static int bits(Set<NodeFlag> flags) {
        int bits = 0;
        for (NodeFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }

    /** The flags as CLUSTER NODES writes them. */
    public static String words(Set<NodeFlag> flags) {
        if (flags.isEmpty()) {
            return "noflags";
        }
        StringBuilder text = new StringBuilder();
        for (NodeFlag flag : values()) {
            if (flags.contains(flag)) {
                text.append(text.isEmpty() ? "" : ",").append(flag.word);
            }
        }
        return text.toString();
    }
}
