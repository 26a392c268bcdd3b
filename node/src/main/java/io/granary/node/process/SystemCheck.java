package io.granary.node.process;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What of the machine can slow a node down or stop it, as {@code --check-system} prints it. */
final class SystemCheck {
    private static final String CLOCK = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    private static final String LIMITS = "/proc/self/limits";
    /** The clients that a node serves by default, and its own files. */
    private static final long FILES = 10_032;

    private SystemCheck() { }

    /** Prints a line for each check; returns whether all passed. */
    static boolean run(PrintStream out) {
        boolean clock = report(out, "slow-clocksource", slowClock());
        boolean files = report(out, "open-files", fewFiles());
        return clock && files;
    }

    private static boolean report(PrintStream out, String check, String warning) {
        out.print("[" + check + "]..." + (warning == null ? "OK\n" : "WARNING:\n" + warning + "\n"));
        return warning == null;
    }

    private static String slowClock() {
        String clock = read(CLOCK).strip();
        return switch (clock) {
            case "hpet", "acpi_pm", "jiffies", "refined-jiffies" -> "The clock source '" + clock + "' is slow to read, and "
                    + "every command reads it. If the processor has a reliable one, choose it: 'tsc' on x86.";
            default -> null;
        };
    }

    private static String fewFiles() {
        for (String line : read(LIMITS).split("\n")) {
            if (line.startsWith("Max open files")) {
                String hard = line.substring("Max open files".length()).strip().split(" +")[1];
                boolean few = !hard.equals("unlimited") && Long.parseLong(hard) < FILES;
                return few ? "A process may open only " + hard + " files: fewer than the " + FILES
                        + " that a node with the default maxclients may need. Raise 'ulimit -n'." : null;
            }
        }
        return null;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException _) {
            return "";
        }
    }
}
