package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.ALLOW_BUSY;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.NO_MULTI;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.Clock;
import io.granary.node.Version;
import io.granary.node.client.BlockedClient;
import io.granary.node.client.ClientSession;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.info.Info;
import io.granary.node.process.Shutdown;
import io.granary.node.process.Shutdown.Wish;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/** INFO, LOLWUT, MONITOR, SHUTDOWN, TIME. */
public final class ServerCommands {

    private static final Set<String> SHUTDOWN_WORDS = Set.of("SAVE", "NOSAVE", "NOW", "FORCE", "ABORT");
    /** Longer than any word that INFO or SHUTDOWN knows. */
    private static final int WORD_BYTES_MAX = 64;
    private static final String REFUSED = "ERR Errors trying to SHUTDOWN. Check logs.";

    private final Supplier<Info> info;
    private final Clock clock;
    private final Shutdown shutdown;

    public ServerCommands(Supplier<Info> info, Clock clock, Shutdown shutdown) {
        this.info = info;
        this.clock = clock;
        this.shutdown = shutdown;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.of("INFO", "[section [section ...]]", this::info)
                        .doc("1.0.0", "O(1)", "Returns information and statistics about the server.")
                        .flags(LOADING, STALE)
                        .categories(AclCategory.DANGEROUS)
                        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special")
                        .history("7.0.0", "Added support for taking multiple section arguments."),
                Command.of("LOLWUT", "[VERSION version]", ServerCommands::lolwut)
                        .doc("5.0.0", "", "Displays computer art and the Redis version")
                        .flags(READONLY, FAST),
                Command.of("MONITOR", "", ServerCommands::monitor)
                        .doc("1.0.0", "", "Listens for all requests received by the server in real-time.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE),
                Command.of("SHUTDOWN", "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]", this::shutdown)
                        .doc("1.0.0", "O(N), N keys in all databases, when saving; otherwise O(1).",
                                "Synchronously saves the database(s) to disk and shuts down the Redis server.")
                        .flags(ADMIN, NOSCRIPT, LOADING, STALE, NO_MULTI, ALLOW_BUSY)
                        .history("7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers."),
                Command.of("TIME", "", this::time)
                        .doc("2.6.0", "O(1)", "Returns the server time.")
                        .flags(LOADING, STALE, FAST)
                        .tips("nondeterministic_output"));
    }

    private void info(NodeCall call) {
        Info all = info.get();
        Set<String> wanted = new HashSet<>();
        for (int i = 1; i < call.argc(); i++) {
            String word = word(call, i).toLowerCase(Locale.ROOT);
            if (all.knows(word)) {
                wanted.add(word);
            }
        }
        String text = all.text(call.argc() == 1 ? Set.of("default") : wanted);
        call.reply().verbatim("txt", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** An argument that is one of a few words: of one that is far too long to be any, just enough to tell. */
    private static String word(NodeCall call, int argument) {
        return call.request().toText(argument, WORD_BYTES_MAX);
    }

    private void time(NodeCall call) {
        long micros = clock.unixMicros();
        call.reply().array(2);
        call.reply().bulkInteger(micros / 1_000_000);
        call.reply().bulkInteger(micros % 1_000_000);
    }

    /** A tree trunk with an acorn in each hole. */
    private static void lolwut(NodeCall call) {
        if (call.argc() > 2 && call.is(1, "VERSION")) {
            // one picture stands for all versions, but a version is a number
            call.integerArg(2);
        }
        StringBuilder art = new StringBuilder();
        for (int row = 0; row < 8; row++) {
            art.append("  |");
            for (int hole = 0; hole < 14; hole++) {
                art.append(call.random().nextInt(4) == 0 ? "( )" : "(o)");
            }
            art.append("|\n");
        }
        art.append("\nGranary ver. ").append(Version.GRANARY).append(", Redis ver. ").append(Version.REDIS).append('\n');
        call.reply().verbatim("txt", art.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void monitor(NodeCall call) {
        ClientSession session = call.session();
        if (call.inTransaction()) {
            throw Errors.err("MONITOR isn't allowed for DENY BLOCKING client");
        }
        if (!session.monitor()) {
            session.monitor(true);
            session.registry().monitors().add(session);
        }
        call.reply().ok();
    }

    private void shutdown(NodeCall call) {
        Set<String> words = new HashSet<>();
        for (int i = 1; i < call.argc(); i++) {
            String word = word(call, i).toUpperCase(Locale.ROOT);
            if (!SHUTDOWN_WORDS.contains(word)) {
                throw Errors.SYNTAX;
            }
            words.add(word);
        }
        boolean abort = words.contains("ABORT");
        boolean contradictory = words.containsAll(List.of("SAVE", "NOSAVE")) || abort && words.size() > 1;
        if (contradictory) {
            throw Errors.SYNTAX;
        }
        if (!abort) {
            Waiting waiting = new Waiting();
            waiting.client = call.session().suspension().block(0, waiting);
            shutdown.request(Wish.of(String.join(" ", words).toLowerCase(Locale.ROOT), waiting));
        } else if (shutdown.abort()) {
            call.reply().ok();
        } else {
            throw Errors.err("No shutdown in progress.");
        }
    }

    /** Who asked for the end waits for it; all that can be answered is that it does not come. */
    private final class Waiting implements BlockedClient.Ending, Runnable {

        private BlockedClient client;

        /** The end does not come. */
        @Override
        public void run() {
            client.answer(reply -> reply.error(REFUSED));
        }

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.error(REFUSED);
        }

        @Override
        public void ended() {
            // the node ends though its client is gone
            shutdown.forget(this);
        }
    }
}
