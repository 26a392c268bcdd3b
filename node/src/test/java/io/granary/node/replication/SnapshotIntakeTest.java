package io.granary.node.replication;

import static io.granary.node.replication.ScriptedPrimary.ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.LiveServer.Kind;
import io.granary.persistence.rdb.RdbOrigin;
import io.granary.persistence.rdb.RdbWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see while a full sync comes in, for each value of {@code repl-diskless-load}. */
class SnapshotIntakeTest {

    private static final int KEYS = 300;
    /** Microseconds a key: the load takes so long that a client can look. */
    private static final String SLOWLY = "4000";
    /** Half of the snapshot is more than that. */
    private static final String NOTICED_BYTES = "1024";
    private static final byte[] RDB = rdb(KEYS, KEYS);
    private static final String LOADING = "LOADING Redis is loading the dataset in memory";
    private static final String MASTER_DOWN =
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";

    /** So many keys, {@code distinct} of which have different names. */
    private static byte[] rdb(int count, int distinct) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (RdbWriter writer = new RdbWriter(Channels.newChannel(file), RdbWriter.VERSION_MIN, false, true);
                Arena arena = Arena.ofConfined()) {
            writer.begin(new RdbOrigin("7.4.1", 1, 1, new RdbOrigin.ReplicationPoint(ID, 100, 0), false));
            writer.database(0, count, 0);
            for (int i = 0; i < count; i++) {
                byte[] name = ("new" + i % distinct).getBytes(StandardCharsets.US_ASCII);
                MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_BYTE, name);
                writer.string(key, 0, key.byteSize(), key, 0, key.byteSize(), -1);
            }
            writer.end();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return file.toByteArray();
    }

    /** A primary that sends the beginning of a snapshot, and the rest when it is told to. */
    private static final class HaltingPrimary implements AutoCloseable {

        private final Object rest = new Object();
        private final ScriptedPrimary primary;
        private boolean wanted;

        HaltingPrimary(byte[] rdb) {
            primary = new ScriptedPrimary(dialogue -> {
                dialogue.untilPsync();
                dialogue.say("+FULLRESYNC " + ID + " 100\r\n$" + rdb.length + "\r\n");
                dialogue.say(Arrays.copyOf(rdb, rdb.length / 2));
                awaitWish();
                dialogue.say(Arrays.copyOfRange(rdb, rdb.length / 2, rdb.length)).listen();
            });
        }

        private void awaitWish() {
            synchronized (rest) {
                try {
                    while (!wanted) {
                        rest.wait();
                    }
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        int port() {
            return primary.port();
        }

        void sendTheRest() {
            synchronized (rest) {
                wanted = true;
                rest.notifyAll();
            }
        }

        @Override
        public void close() {
            sendTheRest();
            primary.close();
        }
    }

    /** A node that is about to lose what it has, and tells clients of every load but of a tiny one. */
    private static Peer withOldDataAndNotice(String... directives) {
        String[] all = Arrays.copyOf(directives, directives.length + 2);
        all[directives.length] = "--loading-process-events-interval-bytes";
        all[directives.length + 1] = NOTICED_BYTES;
        return withOldData(all);
    }

    /** A node that is about to lose what it has. */
    private static Peer withOldData(String... directives) {
        Peer node = Peer.start(Kind.GRANARY, directives);
        node.ask("SET", "old", "data");
        return node;
    }

    private static void awaitTransfer(Peer node) {
        await().until(() -> Long.parseLong(
                node.info("replication").getOrDefault("master_sync_read_bytes", "0")) >= RDB.length / 2);
    }

    private static void assertLoading(Peer node, String loading, String beside) {
        assertThat(node.info("persistence")).containsEntry("loading", loading).containsEntry("async_loading", beside);
    }

    private static void awaitNewData(Peer node) {
        node.awaitLink();
        assertLoading(node, "0", "0");
        assertThat(node.data()).hasSize(KEYS).containsEntry("0 new7", "new7, -1");
    }

    /** As processCommand of Redis has it while {@code async_loading} is 1. */
    @Test
    void besideTheOldDataOnlyWhatWouldDisturbHasToWait() {
        try (Peer node = withOldData("--enable-protected-configs", "yes");
                HaltingPrimary primary = new HaltingPrimary(RDB)) {
            node.follow(primary.port());
            await().until(() -> node.info("persistence").get("async_loading").equals("1"));
            assertLoading(node, "0", "1");

            assertThat(node.text("GET", "old")).isEqualTo("data");
            assertThat(node.text("PING")).isEqualTo("PONG");
            assertThat(node.text("SET", "old", "x")).startsWith("READONLY");
            assertThat(node.text("CONFIG", "SET", "repl-timeout", "61")).isEqualTo("OK");
            for (String refused : new String[] {
                "REPLICAOF NO ONE", "SLAVEOF NO ONE", "SAVE", "BGSAVE", "SYNC", "PSYNC ? -1", "CONFIG SET appendonly no",
                "CONFIG SET dir .", "CONFIG SET maxmemory 0 repl-diskless-load disabled nosuch 1"
            }) {
                assertThat(node.text(refused.split(" "))).as(refused).isEqualTo(LOADING);
            }
            node.ask("CONFIG", "SET", "replica-serve-stale-data", "no");
            assertThat(node.text("GET", "old")).isEqualTo(MASTER_DOWN);
            assertThat(node.text("REPLICAOF", "NO", "ONE")).isEqualTo(LOADING);
            node.ask("CONFIG", "SET", "replica-serve-stale-data", "yes");

            primary.sendTheRest();
            awaitNewData(node);
            assertThat(node.text("REPLICAOF", "NO", "ONE")).isEqualTo("OK");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disabled", "on-empty-db"})
    void byFileTheOldDataAreServedUntilTheNewAreWholeAndThenMakeRoom(String load) {
        try (Peer node = withOldDataAndNotice("--repl-diskless-load", load, "--key-load-delay", SLOWLY);
                HaltingPrimary primary = new HaltingPrimary(RDB)) {
            node.follow(primary.port());
            awaitTransfer(node);
            assertLoading(node, "0", "0");
            assertThat(node.text("GET", "old")).isEqualTo("data");

            primary.sendTheRest();
            await().until(() -> node.info("persistence").get("loading").equals("1"));
            assertThat(node.info("keyspace")).as("no memory for both").isEmpty();
            assertThat(node.text("GET", "old")).isEqualTo(LOADING);
            assertThat(node.text("PING")).isEqualTo(LOADING);
            assertThat(node.text("REPLICAOF", "NO", "ONE")).isEqualTo(LOADING);
            awaitNewData(node);
        }
    }

    @Test
    void aReplicaWithoutKeysMayLoadAtOnceWhileClientsWait() {
        try (Peer node = Peer.start(
                        Kind.GRANARY, "--repl-diskless-load", "on-empty-db",
                        "--loading-process-events-interval-bytes", NOTICED_BYTES);
                HaltingPrimary primary = new HaltingPrimary(RDB)) {
            node.follow(primary.port());
            await().until(() -> node.info("persistence").get("loading").equals("1"));
            assertThat(node.text("GET", "old")).isEqualTo(LOADING);
            primary.sendTheRest();
            awaitNewData(node);
        }
    }

    /** Redis looks at no client between two of its intervals, so that none has ever seen it load a small snapshot. */
    @ParameterizedTest
    @CsvSource({"disabled, true", "on-empty-db, true", "on-empty-db, false"})
    void noClientNoticesTheLoadOfASmallSnapshot(String load, boolean hasOldData) {
        String[] directives = {"--repl-diskless-load", load, "--key-load-delay", SLOWLY};
        try (Peer node = hasOldData ? withOldData(directives) : Peer.start(Kind.GRANARY, directives);
                HaltingPrimary primary = new HaltingPrimary(RDB)) {
            primary.sendTheRest();
            node.follow(primary.port());
            do {
                assertThat(node.text("PING")).isEqualTo("PONG");
                assertThat(node.text("EXISTS", "old")).matches("[01]");
                assertLoading(node, "0", "0");
            } while (!node.text("EXISTS", "new7").equals("1"));
            awaitNewData(node);
        }
    }

    /** The keys that are there twice are found only when the old ones have gone. */
    @Test
    void aReplicaThatHasThrownItsDataAwayInVainDoesNotPassForAnEmptyOne() {
        try (Peer node = withOldDataAndNotice("--repl-diskless-load", "disabled");
                HaltingPrimary primary = new HaltingPrimary(rdb(KEYS, KEYS - 1))) {
            primary.sendTheRest();
            node.follow(primary.port());
            await().until(() -> node.log().contains("there are no data now. Trying again"));
            await().until(() -> node.text("GET", "old").equals(MASTER_DOWN));
            assertThat(node.text("BGSAVE")).as("the file with the old data").isEqualTo(MASTER_DOWN);

            try (HaltingPrimary better = new HaltingPrimary(RDB)) {
                better.sendTheRest();
                node.follow(better.port());
                awaitNewData(node);
            }
            node.lead();
            assertThat(node.text("GET", "new1")).isEqualTo("new1");
        }
    }

    @Test
    void aReplicaWithoutDataServesAgainWhenItIsMadeAPrimary() {
        try (Peer node = withOldDataAndNotice("--repl-diskless-load", "disabled");
                HaltingPrimary primary = new HaltingPrimary(rdb(KEYS, KEYS - 1))) {
            primary.sendTheRest();
            node.follow(primary.port());
            await().until(() -> node.log().contains("there are no data now"));
            node.lead();
            assertThat(node.text("SET", "a", "1")).isEqualTo("OK");
            assertThat(node.data()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disabled", "swapdb"})
    void aSnapshotThatIsWholeIsLoadedEvenIfTheLinkIsLostMeanwhile(String load) {
        StringBuffer wishes = new StringBuffer();
        try (Peer node = withOldData("--repl-diskless-load", load, "--key-load-delay", SLOWLY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    wishes.append(String.join(" ", dialogue.untilPsync())).append('\n');
                    dialogue.say("+FULLRESYNC " + ID + " 100\r\n$" + RDB.length + "\r\n").say(RDB);
                })) {
            node.follow(primary.port());
            await().until(() -> primary.connections() == 1);
            primary.script(dialogue -> {
                wishes.append(String.join(" ", dialogue.untilPsync())).append('\n');
                dialogue.say("+CONTINUE\r\n").listen();
            });
            awaitNewData(node);
            assertThat(wishes.toString()).isEqualTo("PSYNC ? -1\nPSYNC " + ID + " 101\n");
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aReplicaThatLoadsByFileHasWhatItsPrimaryHas(Kind kind) {
        try (Peer primary = Peer.start(kind); Peer node = withOldData("--repl-diskless-load", "disabled")) {
            primary.ask("DEBUG", "POPULATE", "5000");
            primary.ask("SET", "other", "1", "PXAT", "4000000000000");
            node.follow(primary.port());
            primary.ask("INCR", "other");
            node.awaitSame(primary);
            assertThat(node.data()).hasSize(5001).isEqualTo(primary.data());
        }
    }
}
