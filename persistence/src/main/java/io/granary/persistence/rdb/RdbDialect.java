package io.granary.persistence.rdb;

/**
 * Whose RDB it is, which the magic and the version tell before anything else is read: Redis and Valkey have given the same
 * numbers to different types and opcodes since they parted.
 */
public enum RdbDialect {
    /** Magic {@code REDIS}: Redis, and Valkey up to 8, which writes the versions that both have in common. */
    REDIS("REDIS", 4, 5, 12),
    /** Magic {@code VALKEY}: Valkey 9 and later. */
    VALKEY("VALKEY", 3, 80, 81);

    /** Bytes of magic and version together. */
    public static final int HEADER_BYTES = 9;

    private final String magic;
    private final int digits;
    private final int oldest;
    private final int newest;

    RdbDialect(String magic, int digits, int oldest, int newest) {
        this.magic = magic;
        this.digits = digits;
        this.oldest = oldest;
        this.newest = newest;
    }

    /** The magic and a version: the first bytes of a file. */
    String header(int version) {
        String number = Integer.toString(version);
        return magic + "0".repeat(digits - number.length()) + number;
    }

    int newest() {
        return newest;
    }

    /** Whether this version can read it. */
    public boolean reads(int version) {
        return version >= oldest && version <= newest;
    }

    /** The dialect whose magic begins the header, or null. */
    static RdbDialect ofHeader(String header) {
        for (RdbDialect dialect : values()) {
            if (header.startsWith(dialect.magic)) {
                return dialect;
            }
        }
        return null;
    }

    /** The version in a header of this dialect, or -1. */
    int version(String header) {
        int version = 0;
        for (int i = magic.length(); i < HEADER_BYTES; i++) {
            int digit = header.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            version = version * 10 + digit;
        }
        return version;
    }

    /** What a type of value is called, or null if the dialect does not have it. */
    String typeName(int type) {
        return switch (type) {
            case RdbFormat.TYPE_STRING -> "string";
            case 1, 10, 14, 18 -> "list";
            case 2, 11, 20 -> "set";
            case 3, 5, 12, 17 -> "sorted set";
            case 4, 9, 13, 16 -> "hash";
            case 6, 7 -> "value of a module";
            case 15, 19, 21 -> "stream";
            case 22 -> "hash whose fields expire";
            case 23 -> this == REDIS ? "hash whose fields expire" : "hash of paths";
            case 24, 25 -> this == REDIS ? "hash whose fields expire" : null;
            default -> null;
        };
    }
}
