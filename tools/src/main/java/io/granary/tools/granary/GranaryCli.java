package io.granary.tools.granary;

import io.granary.tools.cluster.ClusterUnhealthy;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Help.Ansi;

/** The {@code granary} command. */
@Command(
        name = "granary",
        description = "Runs a Granary cluster on this machine and looks after any cluster.",
        version = "granary 0.1.0",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        commandListHeading = "%nVerbs:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong usage", "3:the cluster is not ok"},
        subcommands = {
            UpCommand.class, DownCommand.class, StatusCommand.class,
            CreateCommand.class, CheckCommand.class, FixCommand.class, InfoCommand.class,
            AddNodeCommand.class, DelNodeCommand.class, FailoverCommand.class,
            CallCommand.class, SetTimeoutCommand.class, ImportCommand.class,
            ReshardCommand.class, RebalanceCommand.class, ApplyCommand.class,
            BackupCommand.class, RestoreCommand.class, TopCommand.class,
            CompletionCommand.class, HelpCommand.class})
public final class GranaryCli {

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new GranaryCli());
        line.getSubcommands().get("call").setUnmatchedOptionsArePositionalParams(true);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(colours() ? Ansi.ON : Ansi.OFF));
        line.setExecutionExceptionHandler((failure, command, _) -> report(failure, command));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    /** Colour only for people: on a terminal, and not where NO_COLOR is set. */
    static boolean colours() {
        String noColor = System.getenv("NO_COLOR");
        return (noColor == null || noColor.isEmpty()) && onTerminal();
    }

    /** Whether somebody reads along and can answer. */
    static boolean onTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    /** What the outside world did wrong is told in its own words; anything else is a defect of ours and shows its trace. */
    private static int report(Exception failure, CommandLine command) throws Exception {
        if (!(failure instanceof IOException)) {
            throw failure;
        }
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("granary: " + failure.getMessage()));
        return failure instanceof ClusterUnhealthy ? ExitCode.UNHEALTHY : ExitCode.FAILED;
    }
}
