package io.granary.tools.granary;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import picocli.CommandLine.Option;

/**
 * The option that answers yes to what a verb would ask before it changes anything. Verbs that ask nothing take it as well,
 * as redis-cli does, so that scripts need not know which do.
 */
final class Consent {

    @Option(names = {"--yes", "-y", "--cluster-yes"}, description = "do without asking what a verb asks about")
    private boolean given;

    /** Asks on the error stream and reads the answer; it must be {@code yes}. */
    boolean isGiven(Screen screen, String question) throws IOException {
        if (given) {
            return true;
        }
        screen.warn(question + " (type 'yes' to accept)");
        String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        if (answer != null && answer.strip().equalsIgnoreCase("yes")) {
            return true;
        }
        screen.warn("granary: nothing was changed" + (answer == null ? "; --yes accepts without asking" : ""));
        return false;
    }
}
