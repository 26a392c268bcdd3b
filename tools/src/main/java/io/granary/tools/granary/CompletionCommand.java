package io.granary.tools.granary;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code granary completion}: a script with which the shell completes verbs and options. */
@Command(name = "completion", mixinStandardHelpOptions = true,
        description = {
            "Prints what a shell needs to complete verbs and options.",
            "For this shell and session: source <(granary completion bash)"})
final class CompletionCommand implements Callable<Integer> {

    /** The shells that can; zsh reads the script of bash, which says so to it. */
    enum Shell { bash, zsh }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine whole = spec.root().commandLine();
        spec.commandLine().getOut().print(AutoComplete.bash(whole.getCommandName(), whole));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
