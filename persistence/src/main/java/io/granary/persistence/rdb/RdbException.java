package io.granary.persistence.rdb;

import java.io.IOException;

/** The refusal of bytes that are no RDB, are a damaged one, or hold what this version cannot keep. */
public final class RdbException extends IOException {

    private static final long serialVersionUID = 1;

    private final String reason;
    private final long offset;

    RdbException(String reason, long offset) {
        super(reason + ", at byte " + offset);
        this.reason = reason;
        this.offset = offset;
    }

    /** What is wrong, for the operator. */
    public String reason() {
        return reason;
    }

    /** How many bytes lie before the place where it showed. */
    public long offset() {
        return offset;
    }
}
