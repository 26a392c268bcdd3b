package io.granary.tools.granary;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of verbs that make a plan before they move anything. */
final class PlanOptions {

    @Option(names = {"--dry-run", "--simulate", "--cluster-simulate"}, description = "show the plan and move nothing")
    private boolean dryRun;

    @Option(names = "--plan-file", paramLabel = "FILE",
            description = "write the plan to a file and move nothing; `granary apply FILE` carries it out")
    private Path file;

    /** Whether the plan is all that is wanted. */
    boolean planOnly() {
        return dryRun || file != null;
    }

    /** Null where the plan is not to be kept. */
    Path file() {
        return file;
    }
}
