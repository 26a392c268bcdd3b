package io.granary.node.fault;

import io.granary.resp.Request;
import io.granary.slots.command.Command;

/** A fault in the body of a command, on its way up to the client's session; the cause is what the body threw. */
public final class CommandFault extends RuntimeException {

    private static final long serialVersionUID = 1;
    private static final int ARGUMENTS_TOLD = 8;

    private final boolean fatal;

    CommandFault(Command<?> command, Request request, boolean fatal, Throwable cause) {
        super(text(command, request), cause, false, false);
        this.fatal = fatal;
    }

    /** Whether the data may be wrong since. */
    boolean fatal() {
        return fatal;
    }

    /** The command and how long its arguments are; what they say is the client's, and no log's. */
    private static String text(Command<?> command, Request request) {
        StringBuilder text = new StringBuilder(command.name()).append(" (arguments redacted, their bytes:");
        int count = request.count();
        for (int i = 1; i < count && i <= ARGUMENTS_TOLD; i++) {
            text.append(' ').append(request.length(i));
        }
        return text.append(count > ARGUMENTS_TOLD + 1 ? " and more)" : count == 1 ? " none)" : ")").toString();
    }
}
