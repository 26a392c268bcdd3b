package io.granary.slots.command;

import java.util.Locale;

/**
 * A property of a command that the dispatcher acts upon. Most are shown by COMMAND INFO, in this order; the hidden ones are
 * for the server alone.
 */
public enum CommandFlag {
    /** May change the data. */
    WRITE,
    /** Reads keys and changes nothing. */
    READONLY,
    /** May make the data grow: refused when memory is full. */
    DENYOOM,
    /** For operators. */
    ADMIN,
    /** Concerns publishing and subscribing. */
    PUBSUB,
    /** Not callable from scripts. */
    NOSCRIPT,
    /** May wait before it answers. */
    BLOCKING,
    /** Allowed while the data is loaded. */
    LOADING,
    /** Allowed on a replica whose data is stale. */
    STALE,
    /** Not shown to monitors. */
    SKIP_MONITOR,
    /** Not written to the slow log. */
    SKIP_SLOWLOG,
    /** Runs in a slot that is being imported, as if ASKING came first. */
    ASKING,
    /** Constant or logarithmic time. */
    FAST,
    /** Needs no authentication. */
    NO_AUTH,
    /** Takes keys, but may come without any. */
    NO_MANDATORY_KEYS,
    /** Refused while data is loaded beside the old data. */
    NO_ASYNC_LOADING,
    /** Not allowed in a transaction. */
    NO_MULTI,
    /** First key, last key and step do not tell all the keys. Derived from the key specifications, never declared. */
    MOVABLEKEYS,
    /** Allowed while a script runs too long. */
    ALLOW_BUSY,
    /** May be propagated though it is no write. */
    MAY_REPLICATE(true),
    /** Has to be enabled by a directive. */
    PROTECTED(true),
    /** Touches keys that its arguments do not name. */
    TOUCHES_ARBITRARY_KEYS(true),
    /**
     * Takes locks of slots beside those of the keys that it names: it walks or empties the keyspace, or looks into some
     * slot. In a transaction all locks are taken before, since one by one they would be taken out of order.
     */
    WHOLE_KEYSPACE(true);

    private final boolean hidden;

    CommandFlag() {
        this(false);
    }

    CommandFlag(boolean hidden) {
        this.hidden = hidden;
    }

    /** The flag in {@link Command#flagBits()}. */
    public long bit() {
        return 1L << ordinal();
    }

    /** Whether no reply ever shows the flag. */
    public boolean hidden() {
        return hidden;
    }

    /** The flag's name in replies. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
