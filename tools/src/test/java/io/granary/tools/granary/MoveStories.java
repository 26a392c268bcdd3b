package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.tools.backup.Backup;
import io.granary.tools.backup.Restoration;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What operators do with slots and backups, by our CLI, on clusters of any kind. Each story begins with three equal shares.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MoveStories {

    static final Access ACCESS = Access.within(10_000);
    static final int SECONDS = 60;
    static final int SHARE = Slot.COUNT / 4;

    Path folder;
    Address seed;
    Address empty;
    private FourPrimaries cluster;

    abstract FourPrimaries start() throws IOException;

    @BeforeAll
    final void form(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path files) throws IOException {
        folder = files;
        cluster = start();
        seed = cluster.seed();
        empty = cluster.empty();
    }

    @AfterAll
    final void end() {
        if (cluster != null) {
            cluster.ending().run();
        }
    }

    /** Three equal shares, and no keys. */
    @BeforeEach
    final void begin() throws IOException {
        assertSettled();
        if (!emptied().slots().isEmpty()) {
            done(run("rebalance", seed, "--weight", empty + "=0", "--threshold", "0"));
            assertSettled();
        }
        done(run("call", seed, "--only-primaries", "FLUSHALL"));
    }

    final void assertSettled() throws IOException {
        assertThat(Deadline.inSeconds(SECONDS).await(() -> survey().reports().size() == 4 && survey().healthy()))
                .as("healthy").isTrue();
        assertThat(survey().primaries()).allSatisfy(primary -> assertThat(primary.self().open()).isEmpty());
    }

    final Survey survey() {
        return Survey.spreadingFrom(List.of(seed), ACCESS);
    }

    final NodeReport emptied() {
        return survey().find(empty.toString()).orElseThrow();
    }

    static Run run(Object... words) {
        return Run.of(Stream.of(words).map(Object::toString).toArray(String[]::new));
    }

    static Run done(Run ran) {
        assertThat(ran.code()).as(ran.out() + ran.err()).isZero();
        return ran;
    }

    /** A plan is kept, carried out, found done, and refused when it no longer fits. */
    @Test
    void isReshardedByPlan() throws IOException {
        Keys keys = Keys.write(seed, 500);
        Path plan = folder.resolve("plan.json");
        done(run("reshard", seed, "--to", empty, "--ranges", "5-20,16000-16010", "--plan-file", plan));
        assertThat(emptied().slots().isEmpty()).isTrue();
        done(run("apply", plan));
        assertSettled();
        assertThat(emptied().slots().toString()).isEqualTo("5-20 16000-16010");
        assertThat(done(run("apply", plan)).out()).contains("27 of 27 slots are where the plan wants them");
        done(run("reshard", seed, "--from", empty, "--to", seed, "--slots", "27", "--yes"));
        assertSettled();
        assertThat(run("apply", plan).err()).contains("the cluster has changed");
        back();
        keys.assertIntact();
    }

    /** Gives the slots of the last story to whom they belonged. */
    private void back() throws IOException {
        NodeReport last = survey().primaries().stream().filter(each -> each.slots().contains(16383))
                .findFirst().orElseThrow();
        done(run("reshard", seed, "--to", last.id(), "--ranges", "16000-16010", "--yes"));
        assertSettled();
        // stories before this one may have left what a rebalance lets pass, two in a hundred
        assertThat(survey().primaries()).noneMatch(each -> each.slots().size() > Slot.COUNT / 3 * 1.03);
    }

    /** The CLI dies in the middle, when some slots have moved; the next run brings to an end what it began. */
    void goesOnAfterTheCliWasKilled(int keyCount, double weight, boolean classic)
            throws IOException, InterruptedException {
        Keys keys = Keys.write(seed, keyCount);
        int share = (int) (Slot.COUNT / (3 + weight) * weight);
        String[] words = Stream.of("rebalance", seed.toString(), "--use-empty-masters", "--threshold", "0", "--pipeline",
                "1", "--weight", empty + "=" + weight, classic ? "--classic" : "--replace").toArray(String[]::new);
        Path log = folder.resolve("granary.log");
        Process killed = CliProcess.start(log, words);
        boolean begun = Deadline.inSeconds(SECONDS).await(() -> !emptied().slots().isEmpty() || !killed.isAlive());
        killed.destroyForcibly().waitFor();
        assertThat(begun).as(Files.readString(log)).isTrue();
        if (classic) {
            assertThat(emptied().slots().size()).as("killed in the middle\n" + Files.readString(log)).isLessThan(share);
        }
        Run again = done(Run.of(words));
        if (classic) {
            assertThat(again.out()).contains("Finishing");
        }
        assertSettled();
        assertThat(emptied().slots().size()).isBetween(share, share + 1);
        keys.assertIntact();
        done(run("rebalance", seed, "--weight", empty + "=0"));
        assertSettled();
    }

    /** A backup is whole, a damaged one refused, and a restored one has all keys with their times. */
    @Test
    void isBackedUpAndRestored() throws IOException {
        Keys keys = Keys.write(seed, 2000);
        Path backup = folder.resolve("backup");
        assertThat(done(run("backup", seed, backup)).out()).contains("Backup of 4 primaries");
        assertThat(run("restore", seed, backup).err()).contains("the cluster has 2,000 keys");
        done(run("call", seed, "--only-primaries", "FLUSHALL"));
        assertThat(done(run("restore", seed, backup)).out()).contains("Restored 2,000 keys");
        keys.assertIntact();
        done(run("restore", seed, backup, "--replace"));
        keys.assertIntact();
        assertSeenOnItsWay(new Restoration(survey(), ACCESS, true), new Backup(backup).files());
        Path file;
        try (Stream<Path> files = Files.list(backup)) {
            file = files.filter(each -> each.toString().endsWith(".rdb")).max(Comparator.comparingLong(
                    each -> each.toFile().length())).orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThat(run("restore", seed, backup, "--replace").err()).contains("its checksum is wrong");
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(run("restore", seed, backup, "--replace").err()).containsAnyOf("ends in the middle");
        Files.delete(file);
        assertThat(run("restore", seed, backup, "--replace").err()).contains("is missing");
    }

    /** Whoever looks while keys are written sees how far it is, and all of it in the end. */
    private static void assertSeenOnItsWay(Restoration restoration, List<Path> files) throws IOException {
        assertThat(restoration.share()).isZero();
        restoration.run(files);
        assertThat(restoration.share()).isBetween(0.9, 1.0);
        assertThat(restoration.keys()).isEqualTo(2000);
    }

}
