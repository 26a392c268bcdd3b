package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.client.LoopFixture.Peer;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition.PausePurpose;
import io.granary.resp.RequestEncoder;
import io.granary.slots.command.Body;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Group;
import io.granary.slots.command.KeyFlag;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a fault in the body of a command does to its client, to the others, and to the node. */
class InternalFaultsTest {

    private static final List<Command<NodeCall>> FAULTY = List.of(
            faulty("READ.FAULT", CommandFlag.READONLY, KeyFlag.RO, _ -> {
                throw new UnsupportedOperationException("meant");
            }),
            faulty("READ.INVARIANT", CommandFlag.READONLY, KeyFlag.RO, _ -> {
                throw new IllegalStateException("meant");
            }),
            faulty("READ.ERROR", CommandFlag.READONLY, KeyFlag.RO, _ -> {
                throw new AssertionError("meant");
            }),
            faulty("READ.HEAP", CommandFlag.READONLY, KeyFlag.RO, _ -> {
                throw new OutOfMemoryError("Java heap space");
            }),
            faulty("WRITE.FAULT", CommandFlag.WRITE, KeyFlag.RW, _ -> {
                throw new UnsupportedOperationException("meant");
            }));

    private static Command<NodeCall> faulty(String name, CommandFlag flag, KeyFlag access, Body<NodeCall> body) {
        return Command.of(name, "key", body).doc("1.0.0", "O(1)", "Fails.").group(Group.GENERIC).flags(flag).keys(access);
    }

    private static String request(String... arguments) {
        return new String(RequestEncoder.encode(arguments), StandardCharsets.ISO_8859_1);
    }

    private static String log(LoopFixture loop) {
        return loop.log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFaultOfAReaderClosesItsClientAndTheNodeGoesOn() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            Peer failing = loop.connect();
            Peer other = loop.connect();
            assertThat(failing.send(request("READ.FAULT", "some-key"))).isEmpty();
            assertThat(failing.channel().isOpen()).isFalse();
            assertThat(other.send(request("SET", "k", "v"))).isEqualTo("+OK\r\n");
            assertThat(loop.shutdown.isRequested()).isFalse();
            assertThat(loop.faults.count()).isEqualTo(1);
        }
    }

    @Test
    void theReportHasTheCommandAndTheStackButNoArguments() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            loop.connect().send(request("READ.FAULT", "some-key"));
            assertThat(log(loop)).containsSubsequence(
                    "# === GRANARY BUG REPORT START", "internal fault in READ.FAULT (arguments redacted, their bytes: 8) of client",
                    "this node goes on", "java.lang.UnsupportedOperationException: meant",
                    "at io.granary.node.client.InternalFaultsTest", "at io.granary.node.dispatch.Execution.body",
                    "=== GRANARY BUG REPORT END");
            assertThat(log(loop)).doesNotContain("some-key");
        }
    }

    @Test
    void oneWhoMeetsAFaultAgainAndAgainCannotFillTheLog() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            for (int i = 0; i < 1000; i++) {
                loop.connect().send(request("READ.FAULT", "k"));
            }
            assertThat(loop.faults.count()).isEqualTo(1000);
            assertThat(log(loop).split("REPORT START", -1).length - 1).isBetween(1, 60);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WRITE.FAULT", "READ.INVARIANT", "READ.ERROR", "READ.HEAP"})
    void afterAFatalFaultNothingRunsAndTheNodeEnds(String command) {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            Peer failing = loop.connect();
            Peer other = loop.connect();
            assertThat(other.send(request("SET", "k", "v"))).isEqualTo("+OK\r\n");
            assertThat(failing.send(request("PING") + request(command, "k") + request("PING"))).isEmpty();
            assertThat(failing.channel().isOpen()).isFalse();
            assertThat(loop.shutdown.isFailed()).isTrue();
            assertThat(loop.shutdown.isRequested()).isTrue();
            assertThat(log(loop)).containsSubsequence("GRANARY BUG REPORT START", command + " (arguments redacted", "this node ends");
            assertThat(other.send(request("GET", "k") + request("PING"))).isEmpty();
            assertThat(loop.connect().send(request("NONSENSE"))).isEmpty();
        }
    }

    @Test
    void aPauseThatEndsDoesNotLetCommandsRunAgain() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            loop.condition.pause(PausePurpose.OPERATOR, true, Long.MAX_VALUE);
            loop.condition.halt();
            loop.condition.resume(PausePurpose.OPERATOR);
            assertThat(loop.connect().send(request("PING"))).isEmpty();
        }
    }

    @Test
    void aFaultOfAReaderInATransactionThatWritesIsFatal() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            Peer failing = loop.connect();
            failing.send(request("MULTI") + request("SET", "k", "v") + request("READ.FAULT", "k"));
            assertThat(failing.send(request("EXEC"))).isEmpty();
            assertThat(loop.shutdown.isFailed()).isTrue();
            assertThat(loop.faults.count()).isEqualTo(1);
            assertThat(log(loop)).contains("internal fault in READ.FAULT");
        }
    }

    @Test
    void aFaultOfAReaderInATransactionThatOnlyReadsIsNot() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            Peer failing = loop.connect();
            failing.send(request("MULTI") + request("READ.FAULT", "k"));
            assertThat(failing.send(request("EXEC"))).isEmpty();
            assertThat(failing.channel().isOpen()).isFalse();
            assertThat(loop.shutdown.isRequested()).isFalse();
        }
    }
}
