package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.granary.slots.Slot;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.NodeReport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Slots moved by our CLI between nodes of ours. */
final class MovesInGranaryTest extends RebalanceStories {

    @Override
    FourPrimaries start() throws IOException {
        return FourPrimaries.ofOurs();
    }

    @Test
    void goesOnAfterTheCliWasKilled() throws IOException, InterruptedException {
        goesOnAfterTheCliWasKilled(30_000, 1, false);
    }

    /** By bytes, of which one shard has most; by load, which only one slot has. */
    @Test
    void isRebalancedByWhatNodesTellOfSlots() throws IOException {
        NodeReport heavy = survey().find(seed.toString()).orElseThrow();
        try (Connection connection = Connection.open(heavy.address(), ACCESS)) {
            for (int i = 0, written = 0; written < 200; i++) {
                if (heavy.slots().contains(Slot.of(("big:" + i).getBytes(StandardCharsets.US_ASCII)))) {
                    connection.call("SET", "big:" + i, "x".repeat(1000));
                    written++;
                }
            }
        }
        JsonNode plan = new ObjectMapper().readTree(
                done(run("rebalance", seed, "--by", "memory", "--dry-run", "--json")).out());
        assertThat(plan.path("by").asText()).isEqualTo("memory");
        long all = 0;
        for (JsonNode node : plan.path("nodes")) {
            all += node.path("memory").asLong();
        }
        assertThat(all).isGreaterThan(200_000);
        for (JsonNode node : plan.path("nodes")) {
            assertThat((double) node.path("memoryThen").asLong()).isBetween(all * 0.32, all * 0.35);
        }
        assertThat(done(run("rebalance", seed, "--by", "load", "--sample", "0", "--dry-run")).out())
                .contains("load", heavy.address().toString());
    }

    /** What is not given is asked for, as redis-cli does, and the answers may come from a pipe. */
    @Test
    void isReshardedByAnswers() throws IOException, InterruptedException {
        Path log = folder.resolve("answers.log");
        Process cli = CliProcess.start(log, "reshard", seed.toString());
        try (OutputStream answers = cli.getOutputStream()) {
            answers.write(("many\n7\n" + emptied().id() + "\nall\nyes\n").getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(cli.waitFor(SECONDS, TimeUnit.SECONDS)).as(Files.readString(log)).isTrue();
        assertThat(cli.exitValue()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log)).contains("How many slots do you want to move (from 1 to 16384)?",
                "What is the receiving node ID?", "Source node #1:", "Moved: 7 slots");
        assertThat(emptied().slots().size()).isEqualTo(7);
        done(run("rebalance", seed, "--weight", empty + "=0", "--threshold", "0"));
        assertSettled();
    }
}
