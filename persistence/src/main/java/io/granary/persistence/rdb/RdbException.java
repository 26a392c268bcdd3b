package io.granary.persistence.rdb;

import java.io.IOException;

/** The refusal of bytes that are no RDB, are a damaged one, or hold what this version cannot keep. */
public final class RdbException extends IOException {

    private static final long serialVersionUID = 1;

    private final String reason;
    private final long offset;
    private final boolean ofMissingType;

    /** @param offset how many bytes lie before the place where it showed */
    public RdbException(String reason, long offset) {
        this(reason, offset, false);
    }

    private RdbException(String reason, long offset, boolean ofMissingType) {
        super(reason + ", at byte " + offset);
        this.reason = reason;
        this.offset = offset;
        this.ofMissingType = ofMissingType;
    }

    /** The refusal of {@code what}, a value that is all right, of a type that this version does not have. */
    static RdbException ofMissingType(String what, long offset) {
        return new RdbException(what + ", a type that this version does not have", offset, true);
    }

    /** What is wrong, for the operator. */
    public String reason() {
        return reason;
    }

    /** Whether nothing is wrong with the bytes, but that this version does not have the type of a value in them. */
    public boolean isOfMissingType() {
        return ofMissingType;
    }

    /** How many bytes lie before the place where it showed. */
    public long offset() {
        return offset;
    }
}
