package io.granary.resp;

/** An argument is longer than what a command that needs a copy of it on the heap can take. */
public final class ArgumentTooLongException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ArgumentTooLongException(int bytes) {
        super("an argument of " + bytes + " bytes", null, false, false);
    }
}
