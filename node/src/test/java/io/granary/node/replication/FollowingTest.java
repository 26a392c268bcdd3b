package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.LiveServer.Kind;
import io.granary.resp.Frame;
import io.granary.slots.transcript.CommandLine;
import io.granary.slots.transcript.RandomCommands;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replica of ours behind a primary of either kind: it gets everything, keeps up, and goes on where it was. */
class FollowingTest {

    private static final int REQUESTS = 1500;

    private static void load(Peer peer, long seed, int count) {
        List<List<byte[]>> requests = new RandomCommands(seed).next(count).stream()
                .map(CommandLine::split).toList();
        peer.connection().askAll(requests);
        peer.ask("SELECT", "0");
    }

    private static void fill(Peer peer, String prefix, int count) {
        peer.connection().askAll(java.util.stream.IntStream.range(0, count)
                .mapToObj(i -> CommandLine.split("SET " + prefix + i + " value-" + i)).toList());
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aReplicaHasWhatItsPrimaryHas(Kind kind) {
        long seed = System.nanoTime();
        try (Peer primary = Peer.start(kind); Peer replica = Peer.start(Kind.GRANARY)) {
            load(primary, seed, REQUESTS);
            replica.ask("SET", "old", "data");
            replica.follow(primary.port());
            replica.awaitLink();
            load(primary, seed + 1, REQUESTS);
            fill(primary, "more", 200);
            replica.awaitSame(primary);
            assertThat(replica.data()).as("seed " + seed).isEqualTo(primary.data());
            assertThat(replica.log()).doesNotContain("CRITICAL");
            assertThat(primary.count("sync_full")).isEqualTo(1);
            assertThat(replica.info("replication")).containsEntry("role", "slave").containsEntry("master_host", "127.0.0.1")
                    .containsEntry("master_port", Integer.toString(primary.port())).containsEntry("slave_read_only", "1");
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aSnapshotThatComesAsAFileIsLoadedAsWell(Kind kind) {
        try (Peer primary = Peer.start(kind, "--repl-diskless-sync", "no"); Peer replica = Peer.start(Kind.GRANARY)) {
            fill(primary, "key", 5000);
            replica.follow(primary.port());
            replica.awaitLink();
            fill(primary, "later", 100);
            replica.awaitSame(primary);
            assertThat(replica.data()).isEqualTo(primary.data()).hasSize(5100);
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aTransactionIsAppliedAsOne(Kind kind) {
        try (Peer primary = Peer.start(kind); Peer replica = Peer.start(Kind.GRANARY)) {
            replica.follow(primary.port());
            replica.awaitLink();
            for (int i = 0; i < 50; i++) {
                primary.ask("MULTI");
                primary.ask("INCR", "a");
                primary.ask("SELECT", "1");
                primary.ask("INCR", "b");
                primary.ask("SELECT", "0");
                primary.ask("INCRBYFLOAT", "c", "0.1");
                primary.ask("EXEC");
            }
            replica.awaitSame(primary);
            assertThat(replica.data()).isEqualTo(primary.data());
            assertThat(replica.text("GET", "a")).isEqualTo("50");
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aReplicaGoesOnWhereItWasWhenTheLinkIsCut(Kind kind) {
        try (Peer primary = Peer.start(kind);
                CutCable cable = new CutCable(primary.port());
                Peer replica = Peer.start(Kind.GRANARY)) {
            load(primary, 1, 200);
            replica.follow(cable.port());
            replica.awaitLink();
            for (int round = 1; round <= 5; round++) {
                cable.breakAfter(500L * round);
                load(primary, 100 + round, 150);
                fill(primary, "round" + round + "-", 50);
                primary.ask("SELECT", Integer.toString(round % 2));
                primary.ask("INCR", "counter");
                cable.cut();
                cable.hold();
                replica.awaitSame(primary);
                assertThat(replica.data()).as("round " + round).isEqualTo(primary.data());
            }
            assertThat(primary.count("sync_full")).isEqualTo(1);
            assertThat(primary.count("sync_partial_ok")).isGreaterThanOrEqualTo(5);
            assertThat(primary.count("sync_partial_err")).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void theOldDataAreServedUntilTheNewAreComplete(Kind kind) {
        try (Peer primary = Peer.start(kind);
                CutCable cable = new CutCable(primary.port());
                Peer replica = Peer.start(Kind.GRANARY)) {
            fill(primary, "key", 3000);
            replica.ask("SET", "old", "data");
            cable.breakAfter(20_000);
            replica.follow(cable.port());
            await().until(() -> cable.connections() >= 3);
            assertThat(replica.data()).hasSize(1).containsKey("0 old");
            assertThat(replica.linkIsUp()).isFalse();
            cable.hold();
            replica.awaitSame(primary);
            assertThat(replica.data()).isEqualTo(primary.data()).hasSize(3000);
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aReplicaThatIsTooFarBehindGetsEverythingAnew(Kind kind) {
        try (Peer primary = Peer.start(kind, "--repl-backlog-size", "16384");
                CutCable cable = new CutCable(primary.port());
                Peer replica = Peer.start(Kind.GRANARY)) {
            replica.follow(cable.port());
            replica.awaitLink();
            cable.pull();
            fill(primary, "key", 3000);
            cable.plugIn();
            replica.awaitSame(primary);
            assertThat(replica.data()).isEqualTo(primary.data()).hasSize(3000);
            assertThat(primary.count("sync_full")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void twoThatChangeTheirPartsGoOnWithoutAFullSync(Kind kind) {
        try (Peer one = Peer.start(kind); Peer other = Peer.start(Kind.GRANARY)) {
            load(one, 5, 300);
            other.follow(one.port());
            other.awaitLink();
            fill(one, "first", 20);
            other.awaitSame(one);

            other.ask("REPLICAOF", "NO", "ONE");
            fill(other, "second", 20);
            one.follow(other.port());
            one.awaitSame(other);
            assertThat(one.data()).isEqualTo(other.data()).containsKey("0 second19");
            assertThat(other.count("sync_full")).isZero();
            assertThat(other.count("sync_partial_ok")).isEqualTo(1);

            one.ask("REPLICAOF", "NO", "ONE");
            fill(one, "third", 20);
            other.follow(one.port());
            other.awaitSame(one);
            assertThat(other.data()).isEqualTo(one.data()).containsKey("0 third19");
            assertThat(one.count("sync_full")).isEqualTo(1);
            assertThat(one.count("sync_partial_ok")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aChainHasOneHistory(Kind kind) {
        try (Peer first = Peer.start(kind); Peer second = Peer.start(Kind.GRANARY);
                Peer third = Peer.start(kind); Peer fourth = Peer.start(Kind.GRANARY)) {
            load(first, 7, 300);
            second.follow(first.port());
            second.awaitLink();
            fill(first, "early", 50);
            third.follow(second.port());
            fourth.follow(second.port());
            third.awaitLink();
            fourth.awaitLink();
            load(first, 8, 500);
            primaryInDatabaseOne(first);
            fill(first, "late", 50);
            third.awaitSame(first);
            fourth.awaitSame(first);
            assertThat(third.data()).isEqualTo(first.data());
            assertThat(fourth.data()).isEqualTo(first.data());

            // the middle one takes over, and those behind it go on
            second.ask("REPLICAOF", "NO", "ONE");
            fill(second, "promoted", 10);
            third.awaitSame(second);
            fourth.awaitSame(second);
            assertThat(third.data()).isEqualTo(second.data()).containsKey("0 promoted9");
            assertThat(second.count("sync_partial_ok")).isEqualTo(2);
            assertThat(second.count("sync_full")).isEqualTo(2);
        }
    }

    /** So that the stream of one who comes now begins in another database than 0. */
    private static void primaryInDatabaseOne(Peer primary) {
        primary.ask("SELECT", "1");
        primary.ask("SET", "in", "one");
        primary.ask("SELECT", "0");
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aSnapshotTellsTheDatabaseThatTheStreamIsIn(Kind kind) {
        try (Peer first = Peer.start(kind); Peer second = Peer.start(Kind.GRANARY); Peer third = Peer.start(Kind.GRANARY)) {
            second.follow(first.port());
            second.awaitLink();
            first.ask("SELECT", "1");
            first.ask("SET", "in", "one");
            second.awaitSame(first);
            third.follow(second.port());
            third.awaitLink();
            first.ask("SET", "also in", "one");
            third.awaitSame(first);
            assertThat(third.data()).isEqualTo(first.data()).containsKey("1 also in");
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aReplicaLeavesExpiryToItsPrimary(Kind kind) {
        try (Peer primary = Peer.start(kind); Peer replica = Peer.start(Kind.GRANARY)) {
            replica.follow(primary.port());
            replica.awaitLink();
            primary.ask("SET", "brief", "x", "PX", "1");
            replica.awaitSame(primary);
            await().until(() -> replica.text("EXISTS", "brief").equals("0"));
            assertThat(replica.ask("GET", "brief")).isEqualTo(new Frame.Null('$'));
            assertThat(replica.text("DBSIZE")).isEqualTo("1");
            // the stream sees it where clients do not: the primary has the last word
            primary.ask("GET", "brief");
            replica.awaitSame(primary);
            assertThat(replica.text("DBSIZE")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aPrimaryHandsOverToAReplicaAndBack(Kind kind) {
        try (Peer one = Peer.start(kind); Peer other = Peer.start(Kind.GRANARY)) {
            load(one, 11, 300);
            other.follow(one.port());
            other.awaitLink();
            fill(one, "first", 20);
            await().until(() -> one.info("replication").get("slave0").contains("state=online"));
            assertThat(one.ask("FAILOVER", "TO", "127.0.0.1", Integer.toString(other.port())).text()).isEqualTo("OK");
            one.awaitSame(other);
            assertThat(other.info("replication")).containsEntry("role", "master");
            assertThat(one.ask("SET", "a", "b").text()).startsWith("READONLY");
            fill(other, "second", 20);
            one.awaitSame(other);

            await().until(() -> other.info("replication").get("slave0").contains("state=online"));
            assertThat(other.ask("FAILOVER").text()).isEqualTo("OK");
            other.awaitSame(one);
            assertThat(one.info("replication")).containsEntry("role", "master")
                    .containsEntry("master_failover_state", "no-failover");
            fill(one, "third", 20);
            other.awaitSame(one);
            assertThat(other.data()).isEqualTo(one.data()).containsKeys("0 first19", "0 second19", "0 third19");
            assertThat(one.count("sync_full") + other.count("sync_full")).isEqualTo(1);
        }
    }
}
