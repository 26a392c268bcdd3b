package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.Clock;
import io.granary.node.dispatch.NodeCall;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients see of the lease without which a primary acknowledges no write. */
class WriteLeaseTest {

    private static final String DOWN = "-CLUSTERDOWN The cluster is down\r\n";

    private LoopFixture loop;

    @BeforeEach
    void start() {
        loop = new LoopFixture(List.of(Command.<NodeCall>of("LAPSE", "", call -> {
            lapse();
            call.reply().ok();
        }).flags(CommandFlag.WRITE)));
    }

    @AfterEach
    void end() {
        loop.close();
    }

    private void lapse() {
        loop.lease.until(Clock.SYSTEM.nanos() - 1);
    }

    private void renew() {
        loop.lease.until(Clock.SYSTEM.nanos() + TimeUnit.HOURS.toNanos(1));
    }

    @Test
    void aWriteWaitsBeforeItRunsAndReadsDoNot() {
        LoopFixture.Peer writer = loop.connect();
        renew();
        assertThat(writer.send("SET k before\r\n")).isEqualTo("+OK\r\n");
        lapse();
        assertThat(writer.send("GET k\r\nSET k after\r\nGET k\r\n")).isEqualTo("$6\r\nbefore\r\n");
        assertThat(loop.connect().send("GET k\r\n")).isEqualTo("$6\r\nbefore\r\n");
        renew();
        assertThat(writer.received()).isEqualTo("+OK\r\n$5\r\nafter\r\n");
    }

    @Test
    void repliesWaitWhenTheLeaseLapsedWhileTheBatchRan() {
        LoopFixture.Peer writer = loop.connect();
        renew();
        assertThat(writer.send("SET k v\r\nLAPSE\r\nGET k\r\n")).isEmpty();
        assertThat(writer.send("PING\r\n")).isEmpty();
        renew();
        assertThat(writer.received()).isEqualTo("+OK\r\n+OK\r\n$1\r\nv\r\n+PONG\r\n");
    }

    @Test
    void aBatchOfReadsNeedsNoLease() {
        LoopFixture.Peer reader = loop.connect();
        lapse();
        assertThat(reader.send("PING\r\nGET k\r\n")).isEqualTo("+PONG\r\n$-1\r\n");
    }

    @Test
    void whatAnOldPrimaryHasNotAcknowledgedItNeverWill() {
        LoopFixture.Peer ran = loop.connect();
        LoopFixture.Peer waits = loop.connect();
        renew();
        assertThat(ran.send("SET k v\r\nLAPSE\r\nGET k\r\n")).isEmpty();
        assertThat(waits.send("SET k w\r\n")).isEmpty();
        loop.lease.lost();
        // leads again, with a lease of a new term
        renew();
        assertThat(ran.received()).isEqualTo(DOWN.repeat(3));
        assertThat(waits.received()).isEqualTo("+OK\r\n");
        assertThat(ran.send("GET k\r\n")).isEqualTo("$1\r\nw\r\n");
    }

    @Test
    void waitingIsGivenUpAndBegunAnew() {
        LoopFixture.Peer ran = loop.connect();
        LoopFixture.Peer waits = loop.connect();
        renew();
        assertThat(ran.send("MULTI\r\nSET k v\r\nLAPSE\r\n")).isEqualTo("+OK\r\n+QUEUED\r\n+QUEUED\r\n");
        assertThat(ran.send("EXEC\r\n")).isEmpty();
        assertThat(waits.send("SET k w\r\nGET k\r\n")).isEmpty();
        loop.lease.tick(TimeUnit.HOURS.toNanos(1));
        assertThat(ran.received() + waits.received()).isEmpty();
        loop.lease.tick(0);
        assertThat(ran.received()).isEqualTo(DOWN);
        assertThat(waits.received()).isEqualTo(DOWN + "$1\r\nv\r\n");
        assertThat(waits.send("SET k w\r\n")).isEqualTo(DOWN);
        renew();
        assertThat(waits.send("SET k w\r\n")).isEqualTo("+OK\r\n");
    }

    @Test
    void allDataMayBeRemovedWhereWaitingWasInVain() {
        LoopFixture.Peer operator = loop.connect();
        renew();
        assertThat(operator.send("SET k v\r\n")).isEqualTo("+OK\r\n");
        lapse();
        assertThat(operator.send("FLUSHALL\r\n")).isEmpty();
        loop.lease.tick(0);
        assertThat(operator.received()).isEqualTo("+OK\r\n");
        assertThat(operator.send("SET k w\r\nGET k\r\nFLUSHDB\r\n")).isEqualTo(DOWN + "$-1\r\n+OK\r\n");
    }

    @Test
    void aClientThatLeavesMeanwhileLeavesNoMemoryBehind() {
        loop.connect().send("PING\r\n");
        long before = loop.allocator.metric().usedDirectMemory();
        LoopFixture.Peer writer = loop.connect();
        renew();
        assertThat(writer.send("SET k v\r\nLAPSE\r\nSET k w\r\n")).isEmpty();
        writer.channel().close();
        loop.lease.tick(0);
        assertThat(writer.received()).isEmpty();
        loop.connect().send("PING\r\n");
        assertThat(loop.allocator.metric().usedDirectMemory()).isEqualTo(before);
    }

    @Test
    void aClientThatWantsNoRepliesIsCutOffRatherThanMisled() {
        LoopFixture.Peer writer = loop.connect();
        renew();
        assertThat(writer.send("SET k v\r\nLAPSE\r\nCLIENT REPLY OFF\r\n")).isEmpty();
        loop.lease.lost();
        assertThat(writer.received()).isEmpty();
        assertThat(writer.channel().isOpen()).isFalse();
    }
}
