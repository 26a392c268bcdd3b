package io.granary.slots.command;

import java.util.Locale;

/** What a command does with a key: one of the first four, and what it does with the data of the user in it. */
public enum KeyFlag {
    /** Reads the value. */
    RO("RO"),
    /** Changes the value. */
    RW("RW"),
    /** Overwrites the value whatever it was. */
    OW("OW"),
    /** Removes the key. */
    RM("RM"),
    /** Returns, copies or uses the user's data, not only facts about it such as its length. */
    ACCESS,
    /** Changes data in the value. */
    UPDATE,
    /** Adds data to the value, changing none that was there. */
    INSERT,
    /** Removes data from the value. */
    DELETE,
    /** Is no key, but is routed as one: a channel, a slot. */
    NOT_KEY,
    /** The specification may not find all the keys. */
    INCOMPLETE,
    /** The flags depend on the arguments: these are the strongest. */
    VARIABLE_FLAGS;

    private final String text;

    KeyFlag() {
        this.text = name().toLowerCase(Locale.ROOT);
    }

    KeyFlag(String text) {
        this.text = text;
    }

    /** The flag in sets of key flags. */
    public int bit() {
        return 1 << ordinal();
    }

    /** The flag's name in replies. */
    public String text() {
        return text;
    }

    /** All of {@code flags} as bits. */
    public static int bits(KeyFlag... flags) {
        int bits = 0;
        for (KeyFlag flag : flags) {
            bits |= flag.bit();
        }
        return bits;
    }
}
