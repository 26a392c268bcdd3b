package io.granary.tools.granary;

import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.ClusterUnhealthy;
import io.granary.tools.cluster.Importing;
import io.granary.tools.cluster.InfoText;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.net.ConnectException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary import}: the keys of a server outside are in the cluster afterwards. */
@Command(name = "import", mixinStandardHelpOptions = true,
        description = {
            "Brings the keys of a server outside into a cluster.",
            "The server, without cluster mode, sends the keys of its database 0, and removes what has"
                    + " arrived unless --copy is given. An interrupted import may be repeated."})
final class ImportCommand implements Callable<Integer> {

    private static final int PATIENCE_MS = 5000;
    private static final long PROGRESS_NS = 2_000_000_000L;

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = {"--from", "--cluster-from"}, required = true, paramLabel = "HOST:PORT", description = "the server")
    private String from;

    @Option(names = {"--from-user", "--cluster-from-user"}, paramLabel = "NAME", description = "the user there")
    private String fromUser;

    @Option(names = {"--from-pass", "--from-password", "--cluster-from-pass"}, paramLabel = "PASSWORD",
            description = "the password there (default: GRANARY_FROM_PASSWORD of the environment)")
    private String fromPassword;

    @Option(names = {"--from-askpass", "--cluster-from-askpass"}, description = "ask for the password there on the terminal",
            interactive = true, arity = "0", prompt = "Password of the server: ")
    private String typedPassword;

    @Option(names = {"--copy", "--cluster-copy"}, description = "the server keeps its keys")
    private boolean copy;

    @Option(names = {"--replace", "--cluster-replace"}, description = "overwrite keys that the cluster has already")
    private boolean replace;

    @Option(names = {"--migrate-timeout", "--cluster-timeout"}, paramLabel = "MS", defaultValue = "60000",
            description = "how long the server waits for a node (default: ${DEFAULT-VALUE} ms)")
    private int migrateTimeoutMs;

    @Option(names = {"--pipeline", "--cluster-pipeline"}, paramLabel = "N", defaultValue = "200",
            description = "how many keys are sent at once (default: ${DEFAULT-VALUE})")
    private int pipeline;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Usage.require(options.spec(), migrateTimeoutMs > 0, "--migrate-timeout must be positive");
        Usage.require(options.spec(), pipeline >= 1 && pipeline <= 10_000, "--pipeline must be in 1..10000");
        Address source = options.address(from);
        Survey survey = options.survey(node);
        if (survey.coveredSlots() < Slot.COUNT) {
            throw new ClusterUnhealthy(
                    "only " + survey.coveredSlots() + " slots of the cluster have an owner; see granary check");
        }
        Importing.Style style = new Importing.Style(copy, replace, migrateTimeoutMs, pipeline);
        try (Importing importing = new Importing(source, sourceAccess(), survey, options.access(), style)) {
            InfoText info = importing.info();
            if (info.text("cluster_enabled").equals("1")) {
                throw new IOException(source + " is a node of a cluster; import takes from a server without cluster mode");
            }
            info.fields().keySet().stream().filter(field -> field.matches("db[1-9]\\d*")).forEach(field ->
                    options.screen().warn("keys of " + field + " stay at " + source + ": a cluster has one database"));
            long size = importing.size();
            return tell(source, importing.run(new Progress(size)));
        } catch (ErrorReply refused) {
            String advice = refused.getMessage().startsWith("NOAUTH") ? " (--from-pass, or GRANARY_FROM_PASSWORD)" : "";
            throw new IOException("server " + source + ": " + refused.getMessage() + advice, refused);
        } catch (ConnectException e) {
            throw new IOException("server " + source + ": " + e.getMessage(), e);
        }
    }

    private Access sourceAccess() {
        String password = typedPassword != null ? typedPassword
                : fromPassword != null ? fromPassword : System.getenv("GRANARY_FROM_PASSWORD");
        return new Access(fromUser, password, migrateTimeoutMs + PATIENCE_MS);
    }

    private Integer tell(Address source, long keys) {
        Screen screen = options.screen();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("ok", true);
        facts.put("from", source.toString());
        facts.put("keys", keys);
        facts.put("copied", copy);
        screen.print(facts);
        screen.say(screen.good(Table.grouped(keys) + " keys") + (copy ? " copied from " : " moved from ") + source);
        return ExitCode.OK;
    }

    /** A line every other second. */
    private final class Progress implements LongConsumer {

        private final long size;
        private final long begun = System.nanoTime();
        private long told = begun;

        Progress(long size) {
            this.size = size;
        }

        @Override
        public void accept(long imported) {
            long now = System.nanoTime();
            if (now - told >= PROGRESS_NS) {
                told = now;
                options.screen().say("... " + Table.grouped(imported) + " of about " + Table.grouped(size) + " keys, "
                        + Table.grouped(Math.round(imported / ((now - begun) / 1e9))) + " a second");
            }
        }
    }
}
