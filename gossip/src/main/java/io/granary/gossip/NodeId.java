package io.granary.gossip;

import java.util.random.RandomGenerator;

/** The name of a node for life: 40 lower-case hexadecimal digits. */
public record NodeId(String hex) implements Comparable<NodeId> {

    public static final int LENGTH = 40;

    public NodeId {
        if (!isValid(hex)) {
            throw new IllegalArgumentException("not a node id: " + hex);
        }
    }

    public static boolean isValid(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /** A name that nobody else has. */
    public static NodeId random(RandomGenerator random) {
        return new NodeId(randomHex(random));
    }

    /** 40 random hexadecimal digits: node ids and shard ids have the same form. */
    static String randomHex(RandomGenerator random) {
        StringBuilder text = new StringBuilder(LENGTH);
        while (text.length() < LENGTH) {
            text.append(Character.forDigit(random.nextInt(16), 16));
        }
        return text.toString();
    }

    @Override
    public int compareTo(NodeId other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
