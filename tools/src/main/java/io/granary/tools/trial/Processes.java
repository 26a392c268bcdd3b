package io.granary.tools.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What Linux tells of running processes, and what a process prints. */
final class Processes {

    private static final double TICKS_PER_SECOND = 100;
    private static final int USER_TICKS = 11;
    private static final int STOLEN_FIELD = 8;
    private static final int KB = 1024;

    private Processes() {}

    /** Bytes that a process and its children occupy, pages that they share counted once. */
    static long memory(long pid) {
        return Stream.concat(Stream.of(pid), ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants).map(ProcessHandle::pid)).mapToLong(Processes::share).sum();
    }

    private static long share(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"), StandardCharsets.US_ASCII)) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KB).findFirst().orElse(0);
        } catch (IOException _) {
            return 0;   // a child that has ended
        }
    }

    /** Processor time of a process and of its children that have ended. */
    static double cpuSeconds(long pid) throws IOException {
        String status = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int i = 0; i < 4; i++) {   // user, system, and the same of children
            ticks += Long.parseLong(fields[USER_TICKS + i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /**
     * How long this machine's cores have been wanted and were not there since it started, all cores together: what a host
     * that runs others, too, has taken from it. 0 where nobody tells.
     */
    static double stolenMs() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"), StandardCharsets.US_ASCII)) {
            String[] fields = lines.findFirst().orElse("").split(" +");
            return fields.length > STOLEN_FIELD ? Long.parseLong(fields[STOLEN_FIELD]) * 1000 / TICKS_PER_SECOND : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    /** Runs a program to its end, which must be a good one, and returns what it prints. */
    static String output(int secondsMax, Path folder, String... words) throws IOException {
        Path printed = Files.createTempFile(folder, "output", ".txt");
        int status = status(secondsMax, ProcessBuilder.Redirect.to(printed.toFile()), words);
        String text = Files.readString(printed, StandardCharsets.UTF_8);
        if (status != 0) {
            throw new IOException(String.join(" ", words) + " ends with " + status + ": " + text);
        }
        return text;
    }

    /** Runs a program to its end, which must be a good one; what it prints is thrown away. */
    static void run(int secondsMax, String... words) throws IOException {
        int status = status(secondsMax, ProcessBuilder.Redirect.DISCARD, words);
        if (status != 0) {
            throw new IOException(String.join(" ", words) + " ends with " + status);
        }
    }

    private static int status(int secondsMax, ProcessBuilder.Redirect output, String... words) throws IOException {
        Process process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(output).start();
        try {
            if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", words) + " does not end");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }
}
