package io.granary.tools.granary;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Refusals of arguments that parse but make no sense; answered with the usage and exit code 2. */
final class Usage {

    private Usage() {}

    static void require(CommandSpec spec, boolean sensible, String rule) {
        if (!sensible) {
            throw new ParameterException(spec.commandLine(), rule);
        }
    }
}
