package io.granary.tools.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of docs/operations.md is run in order, and prints what the page says. {@code -Dgranary.story=name} runs one
 * story.
 */
class OperationsTest {

    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final List<String> TOOLS = List.of("bash", "curl", "setsid", "redis-cli", "redis-server");

    /** A question may be asked again until the answer is the one that the page shows; anything else is done once. */
    private static final Pattern QUESTION = Pattern.compile(
            "curl .*|granary (check|info|status)\\b.*|redis-cli .*\\b(PING|GET|INFO|DBSIZE|ROLE|WAIT|cluster check)\\b.*");

    @TempDir
    private static Path folder;

    private static Path programs;

    @BeforeAll
    static void prepare() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/cwd")), "needs Linux's /proc to end what the page starts");
        List<String> missing = TOOLS.stream().filter(tool -> Stream.of(System.getenv("PATH").split(":"))
                .noneMatch(each -> Files.isExecutable(Path.of(each, tool)))).toList();
        assumeTrue(missing.isEmpty(), "not installed: " + missing);
        programs = TestDistribution.in(folder.resolve("distribution"), REPOSITORY);
    }

    @TestFactory
    Stream<DynamicTest> thePageIsTrue() throws IOException {
        return Story.of(Files.readAllLines(REPOSITORY.resolve("docs/operations.md"))).stream()
                .filter(story -> !story.steps().isEmpty() && story.name().contains(System.getProperty("granary.story", "")))
                .map(story -> DynamicTest.dynamicTest(story.name(), () -> play(story)));
    }

    /** An alert on a name that no node tells would never be raised. */
    @Test
    void alertsAskForNamesThatExist() throws IOException, InterruptedException {
        String page = Files.readString(REPOSITORY.resolve("docs/operations.md"));
        Set<String> asked = new TreeSet<>();
        Matcher expression = Pattern.compile("(?m)^ +expr: (.*)$").matcher(page);
        while (expression.find()) {
            Matcher name = Pattern.compile("(redis|granary)_\\w+").matcher(expression.group(1));
            while (name.find()) {
                asked.add(name.group());
            }
        }
        // some are told by a primary of a cluster alone, others by a replica alone or with a replica connected
        Set<String> told = new TreeSet<>(List.of("redis_master_link_up", "redis_connected_slave_lag_seconds"));
        try (Shell shell = new Shell(Files.createDirectories(folder.resolve("alerts")), programs)) {
            shell.run("granary-server --cluster-enabled yes --port 7001 --metrics-port 7011 --daemonize yes");
            shell.run("curl -fs --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:7011/metrics")
                    .printed().lines().map(line -> line.split("[{ ]")[0]).forEach(told::add);
        }
        assertThat(asked).hasSizeGreaterThan(10);
        assertThat(told).containsAll(asked);
    }

    private static void play(Story story) throws IOException, InterruptedException {
        Path place = Files.createDirectories(folder.resolve(story.name()));
        try (Shell shell = new Shell(place, programs)) {
            for (Story.Step step : story.steps()) {
                switch (step) {
                    case Story.WriteFile file -> shell.write(file.path(), file.content());
                    case Story.Run run -> run(shell, run);
                }
            }
        }
    }

    private static void run(Shell shell, Story.Run step) throws IOException, InterruptedException {
        String expected = shell.withPorts(String.join("\n", step.printed()));
        Pattern pattern = pattern(expected);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Shell.Result result = shell.run(step.command());
        while (!isAsWritten(result, pattern) && QUESTION.matcher(step.command()).lookingAt()
                && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(PAUSE.toNanos());
            result = shell.run(step.command());
        }
        if (!isAsWritten(result, pattern)) {
            fail("docs/operations.md:" + step.line() + ": $ " + shell.withPorts(step.command()) + "\nexit status "
                    + result.status() + ", printed:\n" + result.printed() + "\n--- the page says:\n" + expected);
        }
    }

    private static boolean isAsWritten(Shell.Result result, Pattern printed) {
        return result.status() == 0 && (printed.pattern().isEmpty() || printed.matcher(result.printed().strip()).matches());
    }

    /** Three dots stand for the rest of a line's word, alone on a line for any lines; spaces may be more or fewer. */
    private static Pattern pattern(String expected) {
        return Pattern.compile(Stream.of(expected.strip().split("\n"))
                .map(line -> line.strip().equals("...") ? "(?s:.*)" : line(line.strip()))
                .collect(Collectors.joining("\n")).replace("(?s:.*)\n", "(?s:.*)").replace("\n(?s:.*)", "(?s:.*)"));
    }

    private static String line(String line) {
        return Stream.of(line.split("\\.\\.\\.", -1))
                .map(part -> Stream.of(part.split(" +", -1)).map(Pattern::quote).collect(Collectors.joining(" +")))
                .collect(Collectors.joining(".*")).replace("\\Q\\E", "") + " *\r?";
    }
}
