package io.granary.tools.granary;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import picocli.CommandLine.Option;

/** The option that answers yes to what a verb would ask before it changes anything. */
final class Consent {

    @Option(names = {"--yes", "-y", "--cluster-yes"}, description = "do it without asking")
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
