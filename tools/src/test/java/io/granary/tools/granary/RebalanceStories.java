package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** As {@link MoveStories}, and what needs nodes that are all of one kind. */
abstract class RebalanceStories extends MoveStories {

    /** The empty primary gets its share, and gives it back when it weighs nothing. */
    @Test
    void isRebalancedToAndFro() throws IOException {
        Keys keys = Keys.write(seed, 10_000);
        Run simulated = done(run("rebalance", seed, "--cluster-use-empty-masters", "--cluster-simulate"));
        assertThat(simulated.out()).contains(empty.toString());
        assertThat(emptied().slots().isEmpty()).isTrue();
        done(run("rebalance", seed, "--use-empty-masters"));
        assertSettled();
        assertThat(emptied().slots().size()).isEqualTo(SHARE);
        keys.assertIntact();
        assertThat(done(run("rebalance", seed)).out()).contains("Nothing to move");
        done(run("rebalance", seed, "--weight", empty + "=0"));
        assertSettled();
        assertThat(emptied().slots().isEmpty()).isTrue();
        keys.assertIntact();
    }

    /** By keys, where most keys are in few slots. */
    @Test
    void isRebalancedByKeys() throws IOException {
        Keys keys = Keys.write(seed, 3000);
        JsonNode done = new ObjectMapper().readTree(
                done(run("rebalance", seed, "--by", "keys", "--use-empty-masters", "--threshold", "5", "--json")).out());
        assertThat(done.path("moved").path("keys").asInt()).isBetween(650, 750);
        assertSettled();
        assertThat(survey().primaries()).allSatisfy(primary -> assertThat(primary.keys()).isBetween(700L, 800L));
        keys.assertIntact();
        done(run("rebalance", seed, "--weight", empty + "=0"));
        assertSettled();
    }

    @Test
    void isShownByTop() throws IOException {
        Run top = done(run("top", seed, "--once"));
        assertThat(top.out()).contains(seed.toString(), empty.toString(), "ok: 4 nodes, 16,384 slots served");
        JsonNode facts = new ObjectMapper().readTree(done(run("top", seed, "--json")).out());
        assertThat(facts.path("nodes")).hasSize(4);
        assertThat(facts.path("nodes").get(0).path("state").asText()).isEqualTo("ok");
    }

    /** As {@code granary top | head}. */
    @Test
    void topEndsWhenNobodyReadsItAnyMore() {
        CommandLine line = GranaryCli.commandLine();
        PrintWriter closed = new PrintWriter(Writer.nullWriter());
        closed.close();
        line.setOut(new PrintWriter(closed) {
            @Override
            public boolean checkError() {
                super.flush();
                return true;
            }
        });
        assertThat(line.execute("top", seed.toString())).isZero();
    }
}
