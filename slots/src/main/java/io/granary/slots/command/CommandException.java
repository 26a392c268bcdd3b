package io.granary.slots.command;

/**
 * An error of the client's making: its message is the exact text of the error reply, beginning with its code. It has no
 * stack trace, so that one instance can be thrown again and again.
 */
public final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** {@code text} begins with the code, as in {@code "ERR syntax error"}. */
    public CommandException(String text) {
        super(text, null, false, false);
    }

    /** The reply's text. */
    public String text() {
        return getMessage();
    }
}
