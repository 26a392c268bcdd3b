package io.granary.slots.command;

import java.util.Locale;

/** A set of commands that access rules name at once, such as {@code @string}; in the order in which replies list them. */
public enum AclCategory {
    KEYSPACE, READ, WRITE, SET, SORTEDSET, LIST, HASH, STRING, BITMAP, HYPERLOGLOG, GEO, STREAM, PUBSUB, ADMIN, FAST, SLOW,
    BLOCKING, DANGEROUS, CONNECTION, TRANSACTION, SCRIPTING;

    /** The category in {@link Command#categoryBits()}. */
    public long bit() {
        return 1L << ordinal();
    }

    /** The category's name without {@code @}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The category of this name, without {@code @} and in any case; null if there is none. */
    public static AclCategory named(String name) {
        for (AclCategory category : values()) {
            if (category.text().equalsIgnoreCase(name)) {
                return category;
            }
        }
        return null;
    }
}
