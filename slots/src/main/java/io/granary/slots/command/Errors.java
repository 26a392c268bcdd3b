package io.granary.slots.command;

import io.granary.resp.Request;
import java.util.Locale;

/** The texts of the errors that many commands share, exactly as Redis has them (server.c, object.c, networking.c). */
public final class Errors {

    public static final CommandException WRONG_TYPE =
            new CommandException("WRONGTYPE Operation against a key holding the wrong kind of value");
    public static final CommandException SYNTAX = new CommandException("ERR syntax error");
    public static final CommandException NO_SUCH_KEY = new CommandException("ERR no such key");
    public static final CommandException SAME_OBJECT =
            new CommandException("ERR source and destination objects are the same");
    public static final CommandException INDEX_OUT_OF_RANGE = new CommandException("ERR index out of range");
    public static final CommandException DB_INDEX_OUT_OF_RANGE = new CommandException("ERR DB index is out of range");
    public static final CommandException NOT_AN_INTEGER =
            new CommandException("ERR value is not an integer or out of range");
    public static final CommandException NOT_A_FLOAT = new CommandException("ERR value is not a valid float");
    public static final CommandException OUT_OF_RANGE = new CommandException("ERR value is out of range");
    public static final CommandException NOT_POSITIVE =
            new CommandException("ERR value is out of range, must be positive");
    public static final CommandException INVALID_CURSOR = new CommandException("ERR invalid cursor");
    public static final CommandException OVERFLOW = new CommandException("ERR increment or decrement would overflow");
    public static final CommandException NAN_OR_INFINITY =
            new CommandException("ERR increment would produce NaN or Infinity");
    public static final CommandException STRING_TOO_LONG =
            new CommandException("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    public static final CommandException OFFSET_OUT_OF_RANGE = new CommandException("ERR offset is out of range");
    public static final CommandException BUSY_KEY = new CommandException("BUSYKEY Target key name already exists.");
    public static final CommandException OUT_OF_MEMORY =
            new CommandException("OOM command not allowed when used memory > 'maxmemory'.");
    public static final CommandException LOADING =
            new CommandException("LOADING Redis is loading the dataset in memory");
    public static final CommandException MASTER_DOWN = new CommandException(
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
    public static final CommandException UNSAVED = new CommandException(
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may"
                    + " modify the data set are disabled, because this instance is configured to report errors during writes if"
                    + " RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details"
                    + " about the RDB error.");
    public static final CommandException READ_ONLY =
            new CommandException("READONLY You can't write against a read only replica.");
    public static final CommandException NO_AUTH = new CommandException("NOAUTH Authentication required.");
    public static final CommandException EXEC_ABORT =
            new CommandException("EXECABORT Transaction discarded because of previous errors.");
    public static final CommandException NO_REPLICAS =
            new CommandException("NOREPLICAS Not enough good replicas to write.");

    /** How much of a client's text an error repeats, in bytes. */
    private static final int ECHO_MAX_BYTES = 128;

    private Errors() {
    }

    /** {@code ERR} and the text. */
    public static CommandException err(String text) {
        return new CommandException("ERR " + text);
    }

    /** The expiry of {@code command} (its {@link Command#fullName()}) makes no sense. */
    public static CommandException invalidExpireTime(String fullName) {
        return err("invalid expire time in '" + fullName + "' command");
    }

    /** The command was called with too few or too many arguments. */
    public static CommandException wrongArity(Command<?> command) {
        return wrongArity(command.fullName());
    }

    /** As {@link #wrongArity(Command)}; for a body that finds out itself. */
    public static CommandException wrongArity(String fullName) {
        return err("wrong number of arguments for '" + fullName + "' command");
    }

    /** There is no such command; at most 128 bytes of the name and of the arguments are repeated. */
    public static CommandException unknownCommand(Request request) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < request.count() && arguments.length() < ECHO_MAX_BYTES; i++) {
            String argument = text(request, i, ECHO_MAX_BYTES - arguments.length());
            arguments.append('\'').append(argument).append("' ");
        }
        return err("unknown command '" + text(request, 0, ECHO_MAX_BYTES) + "', with args beginning with: " + arguments);
    }

    /** The command has subcommands, but not this one. */
    public static CommandException unknownSubcommand(Request request) {
        return err("unknown subcommand '" + text(request, 1, ECHO_MAX_BYTES) + "'. Try " + upper(request) + " HELP.");
    }

    /** The subcommand is unknown or has other arguments: the answer of bodies that tell their forms apart themselves. */
    public static CommandException subcommandSyntax(Request request) {
        return err("unknown subcommand or wrong number of arguments for '" + text(request, 1, ECHO_MAX_BYTES) + "'. Try "
                + upper(request) + " HELP.");
    }

    private static String upper(Request request) {
        return request.toText(0).toUpperCase(Locale.ROOT);
    }

    /** The argument's text as C would print it: at most {@code max} bytes, and none behind a zero byte. */
    private static String text(Request request, int argument, int max) {
        String text = request.toText(argument, max);
        int zero = text.indexOf('\0');
        return zero < 0 ? text : text.substring(0, zero);
    }
}
