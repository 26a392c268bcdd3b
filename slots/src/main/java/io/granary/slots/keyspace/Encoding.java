package io.granary.slots.keyspace;

/** How a value is stored, as OBJECT ENCODING tells it. */
public enum Encoding {
    RAW(0, "raw"),
    INT(1, "int"),
    EMBSTR(2, "embstr");

    private static final Encoding[] BY_CODE = values();

    /** Four bits. */
    public final int code;

    private final String text;

    Encoding(int code, String text) {
        this.code = code;
        this.text = text;
    }

    public static Encoding of(int code) {
        return BY_CODE[code];
    }

    /** As OBJECT ENCODING answers. */
    public String text() {
        return text;
    }
}
