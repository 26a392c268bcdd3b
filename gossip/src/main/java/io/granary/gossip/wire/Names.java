package io.granary.gossip.wire;

/** Which texts may stand for a node: what a peer says ends up in files and replies that are split on blanks and commas. */
public final class Names {

    private static final String NOT_IN_HUMAN_NAMES = "!#$%&()*+:;<>?@[]^{|}~,=\"'\\`/";

    private Names() {}

    /** A hostname: letters, digits, hyphens and dots, less than 256 of them; or empty. */
    public static boolean isHostname(String text) {
        return text.length() < BusLayout.HOSTNAME_LIMIT
                && text.chars().allMatch(c -> isAlphanumeric(c) || c == '-' || c == '.');
    }

    /** A human-readable node name as Redis would take it, without what would break the nodes file; or empty. */
    public static boolean isHumanName(String text) {
        return text.length() < BusLayout.HOSTNAME_LIMIT
                && text.chars().allMatch(c -> c > ' ' && c < 0x7f && NOT_IN_HUMAN_NAMES.indexOf(c) < 0);
    }

    /** An address as it may stand in the 46 bytes of a frame: numbers of either family, or a short name; or empty. */
    public static boolean isAddress(String text) {
        return text.length() < BusLayout.IP_BYTES
                && text.chars().allMatch(c -> isAlphanumeric(c) || c == '.' || c == ':' || c == '-' || c == '_' || c == '%');
    }

    private static boolean isAlphanumeric(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
}
