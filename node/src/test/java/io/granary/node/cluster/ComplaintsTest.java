package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.Clock;
import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** However much nonsense comes, the log grows by a few lines a minute. */
final class ComplaintsTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long nanos = -5;

    private final Complaints complaints = new Complaints(NodeLog.open(Configuration.initial(), out), new Clock() {
        @Override
        public long unixMs() {
            return 0;
        }

        @Override
        public long nanos() {
            return nanos;
        }
    });

    private void complain(int times) {
        for (int i = 0; i < times; i++) {
            complaints.add("nonsense");
        }
    }

    private long lines(String words) {
        return out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(words)).count();
    }

    @Test
    void theFirstAreWrittenAndTheRestCounted() {
        complain(Complaints.LINES_MAX + 990);
        assertThat(lines("nonsense")).isEqualTo(Complaints.LINES_MAX);
        complaints.settle();
        assertThat(lines(" more messages ")).isZero();
        nanos += TimeUnit.SECONDS.toNanos(Complaints.PERIOD_S);
        complaints.settle();
        assertThat(lines("Dropped 990 more messages ")).isOne();
        complaints.settle();
        assertThat(lines(" more messages ")).isOne();
        complain(1);
        assertThat(lines("nonsense")).isEqualTo(Complaints.LINES_MAX + 1);
    }

    @Test
    void aFewNowAndThenAreAllWritten() {
        for (int minute = 0; minute < 20; minute++) {
            complain(Complaints.LINES_MAX);
            nanos += TimeUnit.SECONDS.toNanos(Complaints.PERIOD_S);
        }
        assertThat(lines("nonsense")).isEqualTo(20 * Complaints.LINES_MAX);
        assertThat(lines(" more messages ")).isZero();
    }
}
