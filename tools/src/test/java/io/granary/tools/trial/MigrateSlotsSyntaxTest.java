package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.client.Connection;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What CLUSTER MIGRATESLOTS does not do it refuses in Valkey's words. */
class MigrateSlotsSyntaxTest extends MovingSlots {

    @Test
    void whatCannotBeMovedIsRefusedInValkeysWords() throws IOException {
        start(3, 0);
        Connection node = connect(0);
        String other = id(1);
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE")).startsWith("ERR wrong number of arguments");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTS", 0, 1, "NODE", other)).isEqualTo("ERR syntax error");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "NODE", other))
                .isEqualTo("ERR No slot ranges specified");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 16384, "NODE", other))
                .isEqualTo("ERR Invalid or out of range slot");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 2, 1, "NODE", other))
                .isEqualTo("ERR Start slot number 2 is greater than end slot number 1.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, 5, 6, "NODE", other))
                .isEqualTo("ERR Slot range 5-6 overlaps with previous range 0-5.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", "abc"))
                .isEqualTo("ERR Invalid node name: abc");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", "f".repeat(40)))
                .isEqualTo("ERR Unknown node name: " + "f".repeat(40));
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", id(0)))
                .isEqualTo("ERR Target node can not be this node.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 6000, 6001, "NODE", other))
                .isEqualTo("ERR Slots are not served by this node.");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 16383, "NODE", other))
                .isEqualTo("ERR Requested slots span multiple shards");
        assertThat(refusal(node, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 5, "NODE", other,
                "SLOTSRANGE", 5, 6, "NODE", other))
                .isEqualTo("ERR Slot ranges in migrations overlap");
        assertThat(refusal(node, "CLUSTER", "CANCELSLOTMIGRATIONS")).isEqualTo("ERR No migrations ongoing");
        assertThat(jobs(node)).isEmpty();
    }
}
