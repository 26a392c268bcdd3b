package io.granary.tools.granary;

import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.LocalCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code granary down}: no node of the data folder runs afterwards. */
@Command(name = "down", description = "Stops the cluster on this machine; up starts it again.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {

    @Option(names = "--wipe", description = "remove the data folder's nodes as well")
    private boolean wipe;

    @Option(names = "--timeout", defaultValue = "30", paramLabel = "SECONDS",
            description = "how long to wait (default: ${DEFAULT-VALUE})")
    private int timeoutSeconds;

    @Mixin
    private DataFolder data;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        LocalCluster cluster = LocalCluster.existing(data.path());
        int stopped = cluster.stop(Deadline.inSeconds(timeoutSeconds));
        if (wipe) {
            cluster.wipe();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println((stopped == 0 ? "No node ran" : stopped == 1 ? "1 node stopped" : stopped + " nodes stopped")
                + (wipe ? ", data removed" : ""));
        out.flush();
        return ExitCode.OK;
    }
}
