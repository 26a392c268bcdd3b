package io.granary.node.replication.replicas;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.Clock;
import io.granary.node.replication.ReplicationIds;
import io.granary.node.replication.ReplicationLog;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who counts when it is asked how far replicas are, and who is waited for. */
class AcknowledgementsTest {

    private static final String GETACK = TestReplica.request("REPLCONF", "GETACK", "*");

    private record Replica(boolean isOnline, long ackedOffset, long lagSeconds) implements ReplicaProgress {}

    /** Time passes with each look at it. */
    private static final class Looks implements Clock {
        private long nanos;

        @Override
        public long unixMs() {
            return nanos / 1_000_000;
        }

        @Override
        public long nanos() {
            return nanos += 1_000_000;
        }
    }

    private final List<Replica> replicas = new ArrayList<>();
    private final ReplicationLog log = new ReplicationLog(
            () -> UnpooledByteBufAllocator.DEFAULT, () -> 0, ReplicationIds.of("1".repeat(40)));
    private final StreamRequests requests = new StreamRequests(log, () -> { });
    private final Acknowledgements acknowledgements = new Acknowledgements(
            () -> replicas.toArray(ReplicaProgress[]::new), () -> 100, requests, () -> { }, new Looks());

    @BeforeEach
    void begin() {
        log.activate("2".repeat(40));
    }

    @AfterEach
    void end() {
        log.close();
    }

    @Test
    void whoIsNotOnlineCountsOnlyWhereAllMustBeEven() {
        replicas.add(new Replica(true, 100, 0));
        replicas.add(new Replica(false, 0, 0));
        assertThat(acknowledgements.reached(100)).isEqualTo(1);
        assertThat(acknowledgements.allReached(100)).isTrue();
        assertThat(acknowledgements.even()).isFalse();
    }

    @Test
    void oneThatLagsIsWaitedForAndOneThatIsSilentIsNot() {
        replicas.add(new Replica(true, 99, 10));
        assertThat(acknowledgements.awaitAll(20)).as("nobody who keeps up lacks anything").isTrue();
        assertThat(log.offset()).as("so nobody is asked").isZero();
        replicas.add(new Replica(true, 99, 2));
        assertThat(acknowledgements.awaitAll(20)).isFalse();
        assertThat(log.offset()).isEqualTo(GETACK.length());
    }

    @Test
    void nobodyIsAskedWhileTheOffsetMustStandStill() {
        requests.hold(true);
        acknowledgements.ask();
        requests.ping();
        assertThat(log.offset()).isZero();
        requests.hold(false);
        acknowledgements.ask();
        assertThat(log.offset()).isEqualTo(GETACK.length());
    }
}
