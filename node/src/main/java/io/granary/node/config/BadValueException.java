package io.granary.node.config;

/** Why a value was refused, in the words of Redis. */
public final class BadValueException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadValueException(String reason) {
        super(reason, null, false, false);
    }
}
