package io.granary.node.config;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.command.SlotCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** CONFIG and its subcommands. */
public final class ConfigCommands {

    /** All arguments lie on the heap at once: more than every directive with a long value. */
    private static final long ARGUMENTS_BYTES_MAX = 8 * 1024 * 1024;

    /** What each takes beside its own bytes. */
    private static final int ARGUMENT_OVERHEAD_BYTES = 64;

    private static final HelpText HELP = new HelpText(
            "GET <pattern>",
            "    Return parameters matching the glob-like <pattern> and their values.",
            "SET <directive> <value>",
            "    Set the configuration <directive> to <value>.",
            "RESETSTAT",
            "    Reset statistics reported by the INFO command.",
            "REWRITE",
            "    Rewrite the configuration file.");

    private final Configuration configuration;
    private final Runnable resetStatistics;
    private final Predicate<? super SlotCall> local;
    private final BooleanSupplier loading;

    /**
     * The commands over a configuration.
     *
     * @param resetStatistics what CONFIG RESETSTAT does
     * @param local           whether the client of a call sits on this machine, which {@code enable-protected-configs} asks
     * @param loading         whether data are being loaded, in the place of others or beside them
     */
    public ConfigCommands(
            Configuration configuration, Runnable resetStatistics, Predicate<? super SlotCall> local,
            BooleanSupplier loading) {
        this.configuration = configuration;
        this.resetStatistics = resetStatistics;
        this.local = local;
        this.loading = loading;
    }

    public List<Command<SlotCall>> table() {
        return Command.family(Group.SERVER,
                Command.<SlotCall>container("CONFIG")
                        .doc("2.0.0", "Depends on subcommand.", "A container for server configuration commands."),
                Command.<SlotCall>of("CONFIG GET", "parameter [parameter ...]", this::get)
                        .doc("2.0.0", "O(N) when N is the number of configuration parameters provided",
                                "Returns the effective values of configuration parameters.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .history("7.0.0", "Added the ability to pass multiple pattern parameters in one call"),
                Command.<SlotCall>of("CONFIG HELP", "", call -> HELP.write(call.request(), call.reply()))
                        .doc("5.0.0", "O(1)", "Returns helpful text about the different subcommands.")
                        .flags(LOADING, STALE),
                Command.<SlotCall>of("CONFIG RESETSTAT", "", this::resetStat)
                        .doc("2.0.0", "O(1)", "Resets the server's statistics.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded"),
                Command.<SlotCall>of("CONFIG REWRITE", "", this::rewrite)
                        .doc("2.8.0", "O(1)", "Persists the effective configuration to file.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded"),
                Command.<SlotCall>of("CONFIG SET", "parameter value [parameter value ...]", this::set)
                        .doc("2.0.0", "O(N) when N is the number of configuration parameters provided",
                                "Sets configuration parameters in-flight.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE)
                        .tips("request_policy:all_nodes", "response_policy:all_succeeded")
                        .history("7.0.0", "Added the ability to set multiple parameters in one call."));
    }

    private void get(SlotCall call) {
        Map<String, String> found = configuration.matching(argumentsOf(call.request()));
        call.reply().map(found.size());
        for (Map.Entry<String, String> setting : found.entrySet()) {
            call.reply().bulk(setting.getKey());
            call.reply().bulk(setting.getValue());
        }
    }

    private void set(SlotCall call) {
        List<String> words = argumentsOf(call.request());
        if (words.size() % 2 != 0) {
            throw Errors.SYNTAX;
        }
        if (loading.getAsBoolean() && configuration.anyKeptWhileLoading(words)) {
            throw Errors.LOADING;
        }
        try {
            configuration.set(words, local.test(call));
        } catch (BadValueException refused) {
            throw Errors.err(refused.getMessage());
        }
        call.reply().ok();
    }

    private void rewrite(SlotCall call) {
        try {
            configuration.rewrite();
        } catch (BadValueException refused) {
            throw Errors.err(refused.getMessage());
        }
        call.reply().ok();
    }

    private void resetStat(SlotCall call) {
        resetStatistics.run();
        call.reply().ok();
    }

    private static List<String> argumentsOf(Request request) {
        List<String> arguments = new ArrayList<>();
        long bytes = 0;
        for (int i = 2; i < request.count(); i++) {
            bytes += request.length(i) + ARGUMENT_OVERHEAD_BYTES;
            if (bytes > ARGUMENTS_BYTES_MAX) {
                throw Errors.err("the arguments are longer than this command takes");
            }
            arguments.add(request.toText(i));
        }
        return arguments;
    }
}
