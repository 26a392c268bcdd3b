package io.granary.tools.move;

import java.util.Locale;

/** What can be shared out evenly among primaries. */
public enum Measure {
    /** The number of slots. */
    SLOTS(""),
    KEYS("key-count"),
    /** Bytes of keys and values. */
    MEMORY("memory-bytes"),
    /** Microseconds of processor time that commands took. */
    LOAD("cpu-usec");

    /** The field of CLUSTER SLOT-STATS that tells it. */
    final String field;

    Measure(String field) {
        this.field = field;
    }

    /** As users write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
