package io.granary.slots.command;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What kind of thing a parameter takes. */
public enum ParameterType {
    STRING, INTEGER, DOUBLE, KEY, PATTERN, UNIX_TIME,
    /** A word that is either there or not. */
    PURE_TOKEN,
    /** One of its parts. */
    ONEOF,
    /** All of its parts, one behind the other. */
    BLOCK;

    /** The types of the words that a synopsis uses in one sense; all other words are strings. */
    private static final Map<String, ParameterType> OF_WORD = ofWords(Map.of(
            KEY, List.of("key", "key1", "key2", "newkey", "source", "destination", "destkey", "dst", "src", "sourcekey"),
            INTEGER, List.of("bit", "bits", "client-id", "cluster-bus-port", "config-epoch", "count", "cursor", "db",
                    "decrement", "destination-db", "end", "end-slot", "entries-added", "entries-read", "frequency",
                    "increment", "index", "index1", "index2", "len", "limit", "maxage", "milliseconds", "min-match-len",
                    "ms", "num-matches", "numfields", "numkeys", "numlocal", "numreplicas", "offset", "port", "protover",
                    "rank", "seconds", "slot", "start", "start-slot", "stop", "ttl", "version", "weight"),
            DOUBLE, List.of("height", "latitude", "longitude", "max", "min", "radius", "score", "timeout", "width"),
            PATTERN, List.of("pattern"),
            UNIX_TIME, List.of("unix-time-seconds", "unix-time-milliseconds")));

    private static Map<String, ParameterType> ofWords(Map<ParameterType, List<String>> words) {
        Map<String, ParameterType> types = new HashMap<>();
        for (Map.Entry<ParameterType, List<String>> entry : words.entrySet()) {
            for (String word : entry.getValue()) {
                types.put(word, entry.getKey());
            }
        }
        return types;
    }

    /** The type that a word of a synopsis has unless it says otherwise. */
    static ParameterType ofWord(String word) {
        return OF_WORD.getOrDefault(word, STRING);
    }

    /** The type of this name in replies; null if it is none. */
    static ParameterType named(String text) {
        for (ParameterType type : values()) {
            if (type.text().equals(text)) {
                return type;
            }
        }
        return null;
    }

    /** Whether parameters of this type are made of others. */
    public boolean compound() {
        return this == ONEOF || this == BLOCK;
    }

    /** The type's name in replies. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
