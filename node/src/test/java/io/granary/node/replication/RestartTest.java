package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.config.Configuration;
import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.LiveServer.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node that comes back with its file goes on where the file stands. */
class RestartTest {

    @TempDir
    private Path folder;

    private Peer startHere(String... more) {
        String[] directives = new String[more.length + 2];
        directives[0] = "--dir";
        directives[1] = folder.toString();
        System.arraycopy(more, 0, directives, 2, more.length);
        return Peer.start(Kind.GRANARY, directives);
    }

    private static void fill(Peer peer, String prefix) {
        for (int i = 0; i < 50; i++) {
            peer.ask("SET", prefix + i, "value");
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void aReplicaComesBackWithoutAFullSync(Kind kind) {
        try (Peer primary = Peer.start(kind)) {
            primary.ask("SELECT", "1");
            fill(primary, "before");
            try (Peer replica = startHere()) {
                replica.follow(primary.port());
                replica.awaitLink();
                fill(primary, "while");
                replica.awaitSame(primary);
                assertThat(replica.text("SAVE")).isEqualTo("OK");
            }
            fill(primary, "after");
            try (Peer replica = startHere("--replicaof", "127.0.0.1 " + primary.port())) {
                replica.awaitSame(primary);
                assertThat(replica.data()).isEqualTo(primary.data()).hasSize(150);
                assertThat(primary.count("sync_full")).isEqualTo(1);
                assertThat(primary.count("sync_partial_ok")).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void theReplicasOfAPrimaryThatComesBackGoOn(Kind kind) {
        try (Peer replica = Peer.start(kind)) {
            try (Peer primary = startHere()) {
                fill(primary, "before");
                replica.follow(primary.port());
                replica.awaitLink();
                fill(primary, "while");
                replica.awaitSame(primary);
                assertThat(primary.text("SAVE")).isEqualTo("OK");
            }
            try (Peer primary = startHere()) {
                fill(primary, "after");
                replica.follow(primary.port());
                replica.awaitSame(primary);
                assertThat(replica.data()).isEqualTo(primary.data()).hasSize(150);
                assertThat(primary.count("sync_full")).isZero();
                assertThat(primary.count("sync_partial_ok")).isEqualTo(1);
            }
        }
    }

    /** The replica hears of the end of each of them: it goes on from the file's offset, where it still has them. */
    @Test
    void keysThatEndWhileThePrimaryIsDownCountAsExpiredAndEndOnTheReplica() {
        try (Peer replica = Peer.start(Kind.GRANARY)) {
            try (Peer primary = startHere("--enable-debug-command", "yes")) {
                primary.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
                primary.ask("SET", "stays", "1");
                primary.ask("SET", "goes", "1", "PX", "1");
                replica.follow(primary.port());
                replica.awaitLink();
                assertThat(primary.text("SAVE")).isEqualTo("OK");
                assertThat(replica.text("DBSIZE")).isEqualTo("2");
            }
            try (Peer primary = startHere()) {
                replica.follow(primary.port());
                assertThat(primary.info("persistence"))
                        .containsEntry("rdb_last_load_keys_loaded", "1").containsEntry("rdb_last_load_keys_expired", "1");
                assertThat(primary.text("EXISTS", "goes")).isEqualTo("0");
                await().until(() -> replica.text("DBSIZE").equals("1"));
                assertThat(primary.count("sync_full")).isZero();
            }
        }
    }

    @Test
    void aPrimaryThatComesBackAsAReplicaGoesOnFromItsFile() {
        try (Peer other = Peer.start(Kind.GRANARY)) {
            try (Peer one = startHere()) {
                fill(one, "before");
                other.follow(one.port());
                other.awaitLink();
                fill(one, "while");
                other.awaitSame(one);
                assertThat(one.text("SAVE")).isEqualTo("OK");
            }
            other.ask("REPLICAOF", "NO", "ONE");
            fill(other, "after");
            try (Peer one = startHere()) {
                one.follow(other.port());
                one.awaitSame(other);
                assertThat(one.data()).isEqualTo(other.data()).hasSize(150);
                assertThat(other.count("sync_full")).isZero();
                assertThat(other.count("sync_partial_ok")).isEqualTo(1);
            }
        }
    }

    @Test
    void whoIsFollowedStandsInTheConfigurationFile() throws Exception {
        Path file = Files.writeString(folder.resolve("granary.conf"), "# nothing\n");
        Configuration configuration = Configuration.of(file.toString());
        PrimarySettings settings = new PrimarySettings(configuration);
        settings.follows(new ReplicationState("127.0.0.1", 1, LinkPhase.CONNECT));
        configuration.rewrite();
        assertThat(Files.readString(file)).contains("replicaof 127.0.0.1 1\n");
        settings.follows(ReplicationState.LEADING);
        configuration.rewrite();
        assertThat(Files.readString(file)).doesNotContain("replicaof");
    }

    @Test
    void aNodeEndsInTheMiddleOfASnapshot() {
        try (ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
            dialogue.untilPsync();
            dialogue.say("+FULLRESYNC " + ScriptedPrimary.ID + " 1\r\n$1000000\r\nREDIS0009").listen();
        })) {
            try (Peer replica = Peer.start(Kind.GRANARY)) {
                replica.follow(primary.port());
                await().until(() -> replica.info("replication").getOrDefault("master_sync_read_bytes", "0").equals("9"));
            }
        }
    }

    @Test
    void aPrimaryThatAnswersNothingIsLeftAtOnce() {
        try (Peer good = Peer.start(Kind.GRANARY); Peer replica = Peer.start(Kind.GRANARY)) {
            // an address that nobody has: TEST-NET-1
            replica.ask("REPLICAOF", "192.0.2.1", "7");
            await().until(() -> !replica.info("replication").get("master_link_status").equals("up"));
            good.ask("SET", "a", "b");
            replica.follow(good.port());
            replica.awaitSame(good);
        }
    }
}
