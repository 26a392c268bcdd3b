package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.LiveServer.Kind;
import io.granary.node.conformance.Wire;
import io.granary.resp.Frame;
import io.granary.slots.transcript.Connection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A primary that hands over while clients write: none of what was acknowledged is lost, and none was taken twice. */
class FailoverUnderLoadTest {

    private static final int HANDOVERS = 4;

    /** A client that counts up on whichever of two servers leads. */
    private static final class Counting {

        private final AtomicBoolean stopped = new AtomicBoolean();
        private final AtomicLong acknowledged = new AtomicLong();
        private final Thread thread;

        Counting(Peer one, Peer other) {
            thread = Thread.ofVirtual().start(() -> {
                int port = one.port();
                while (!stopped.get()) {
                    port = count(port) ? port : port == one.port() ? other.port() : one.port();
                }
            });
        }

        /** Counts until that is refused; false then. */
        private boolean count(int port) {
            try (Connection connection = Connection.to(port)) {
                while (!stopped.get()) {
                    Frame reply = connection.ask("INCR", "counter");
                    if (reply.isError()) {
                        return false;
                    }
                    acknowledged.incrementAndGet();
                }
                return true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void awaitMore(long count) {
            long wanted = acknowledged.get() + count;
            await().until(() -> acknowledged.get() >= wanted);
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            thread.join();
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void nothingThatWasAcknowledgedIsLost(Kind kind) throws InterruptedException {
        try (Peer one = Peer.start(kind); Peer other = Peer.start(Kind.GRANARY)) {
            other.follow(one.port());
            other.awaitLink();
            Counting counting = new Counting(one, other);
            Peer primary = one;
            Peer replica = other;
            try {
                for (int i = 0; i < HANDOVERS; i++) {
                    counting.awaitMore(200);
                    Peer from = primary;
                    await().until(() -> from.info("replication").getOrDefault("slave0", "").contains("state=online"));
                    assertThat(from.ask("FAILOVER").text()).isEqualTo("OK");
                    await().until(() -> from.info("replication").get("role").equals("slave"));
                    primary = replica;
                    replica = from;
                    replica.awaitLink();
                }
                counting.awaitMore(200);
            } finally {
                counting.stop();
            }
            replica.awaitSame(primary);
            assertThat(primary.text("GET", "counter")).isEqualTo(Long.toString(counting.acknowledged.get()));
            assertThat(replica.data()).isEqualTo(primary.data());
            assertThat(one.count("sync_full") + other.count("sync_full")).isEqualTo(1);
        }
    }

    @Test
    void oneThatNobodyCatchesUpWithGoesOnLeading() {
        try (Peer primary = Peer.start(Kind.GRANARY);
                CutCable cable = new CutCable(primary.port());
                Peer replica = Peer.start(Kind.GRANARY)) {
            replica.follow(cable.port());
            replica.awaitLink();
            await().until(() -> primary.info("replication").get("slave0").contains("state=online"));
            cable.freeze();
            primary.ask("SET", "a", "b");
            assertThat(primary.text("FAILOVER", "TIMEOUT", "100")).isEqualTo("OK");
            assertThat(primary.text("FAILOVER")).isEqualTo("ERR FAILOVER already in progress.");
            assertThat(primary.text("REPLICAOF", "127.0.0.1", "1"))
                    .isEqualTo("ERR REPLICAOF not allowed while failing over.");
            assertThat(primary.info("replication")).containsEntry("master_failover_state", "waiting-for-sync");
            assertThat(primary.text("SET", "a", "c")).isEqualTo("OK");
            assertThat(primary.info("replication")).containsEntry("master_failover_state", "no-failover")
                    .containsEntry("role", "master");
            assertThat(primary.log()).contains("FAILOVER to any replica aborted: Replica never caught up before timeout");
        }
    }

    @Test
    void oneThatIsStoppedByHandGoesOnLeading() {
        try (Peer primary = Peer.start(Kind.GRANARY);
                CutCable cable = new CutCable(primary.port());
                Peer replica = Peer.start(Kind.GRANARY)) {
            replica.follow(cable.port());
            replica.awaitLink();
            await().until(() -> primary.info("replication").get("slave0").contains("state=online"));
            cable.freeze();
            primary.ask("SET", "a", "b");
            assertThat(primary.text("FAILOVER")).isEqualTo("OK");
            assertThat(primary.text("FAILOVER", "ABORT")).isEqualTo("OK");
            assertThat(primary.text("SET", "a", "c")).isEqualTo("OK");
        }
    }

    @Test
    void aReplicaThatRefusesIsFollowedByNobody() {
        try (Peer primary = Peer.start(Kind.GRANARY);
                ScriptedPrimary stubborn = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say("-ERR PSYNC FAILOVER replid must match my replid.\r\n").listen();
                });
                Wire replica = Wire.to(primary.port())) {
            replica.ask("REPLCONF", "listening-port", Integer.toString(stubborn.port()));
            replica.ask("REPLCONF", "capa", "eof", "capa", "psync2");
            replica.request("PSYNC", "?", "-1");
            await().until(() -> primary.info("replication").get("slave0").contains("127.0.0.1"));
            replica.request("REPLCONF", "ACK", "1000000");
            await().until(() -> {
                replica.request("REPLCONF", "ACK", "1000000");
                return primary.info("replication").get("slave0").contains("state=online");
            });
            assertThat(primary.text("FAILOVER", "TO", "127.0.0.1", Integer.toString(stubborn.port()))).isEqualTo("OK");
            await().until(() -> primary.log().contains("aborted: Failover target rejected psync request"));
            await().until(() -> primary.text("SET", "a", "b").equals("OK"));
            assertThat(primary.info("replication")).containsEntry("role", "master")
                    .containsEntry("master_failover_state", "no-failover");
        }
    }
}
