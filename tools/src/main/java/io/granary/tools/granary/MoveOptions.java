package io.granary.tools.granary;

import io.granary.tools.move.MoveStyle;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of verbs that move slots: how keys travel. */
final class MoveOptions {

    @Option(names = "--classic", description = "move key by key also between nodes that can hand over whole ranges")
    private boolean classic;

    @Option(names = {"--pipeline", "--cluster-pipeline"}, defaultValue = "10", paramLabel = "KEYS",
            description = "the classic way: keys sent at once (default: ${DEFAULT-VALUE})")
    private int pipeline;

    @Option(names = {"--migrate-timeout", "--cluster-timeout"}, defaultValue = "60000", paramLabel = "MS",
            description = "the classic way: how long a source waits for its target (default: ${DEFAULT-VALUE})")
    private int timeoutMs;

    @Option(names = {"--replace", "--cluster-replace"},
            description = "the classic way: let keys replace others of the same name at the target")
    private boolean replace;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    MoveStyle style() {
        Usage.require(spec, pipeline >= 1 && pipeline <= 10_000, "--pipeline must be in 1..10000");
        Usage.require(spec, timeoutMs >= 1 && timeoutMs <= 1_000_000_000, "--migrate-timeout must be in 1..1000000000");
        return new MoveStyle(classic, pipeline, timeoutMs, replace);
    }
}
