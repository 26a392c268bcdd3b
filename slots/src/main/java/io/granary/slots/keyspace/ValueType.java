package io.granary.slots.keyspace;

/** What kind of value a record holds. The codes are those of Redis's object types, as RDB files and DEBUG know them. */
public enum ValueType {
    STRING(0, "string"),
    LIST(1, "list"),
    SET(2, "set"),
    SORTED_SET(3, "zset"),
    HASH(4, "hash"),
    STREAM(6, "stream");

    private static final ValueType[] BY_CODE = {STRING, LIST, SET, SORTED_SET, HASH, null, STREAM};

    /** Four bits. */
    public final int code;

    private final String text;

    ValueType(int code, String text) {
        this.code = code;
        this.text = text;
    }

    public static ValueType of(int code) {
        return BY_CODE[code];
    }

    /** As TYPE answers. */
    public String text() {
        return text;
    }
}
