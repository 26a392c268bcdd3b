package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.LiveServer.Kind;
import io.granary.node.conformance.Patience;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a replica that takes writes, keys end that its own clients have given a time, and no others. */
@ExtendWith(Patience.class)
class WritableReplicaTest {

    private static Peer writable(Kind kind, Peer primary) {
        Peer replica = Peer.start(kind, "--replica-read-only", "no");
        replica.ask("DEBUG", "SET-ACTIVE-EXPIRE", "1");
        primary.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        replica.follow(primary.port());
        return replica.awaitLink();
    }

    private static String keys(Peer peer) {
        return peer.info("keyspace").getOrDefault("db0", "keys=0").replaceAll(",.*", "") + ' '
                + peer.info("keyspace").getOrDefault("db1", "keys=0").replaceAll(",.*", "");
    }

    private static void awaitNoneTracked(Peer replica) {
        await().until(() -> replica.info("stats").get("slave_expires_tracked_keys").equals("0"));
    }

    @ParameterizedTest
    @EnumSource(LiveServer.Kind.class)
    void itsClientsKeysEndAndItsPrimarysWait(Kind kind) {
        try (Peer primary = Peer.start(Kind.GRANARY); Peer replica = writable(kind, primary)) {
            primary.ask("SET", "theirs", "x", "PX", "20");
            replica.awaitSame(primary);
            replica.ask("SET", "a", "x", "PX", "20");
            replica.ask("SET", "b", "x");
            replica.ask("PEXPIRE", "b", "20");
            replica.ask("SET", "c", "x");
            replica.ask("GETEX", "c", "PX", "20");
            replica.ask("SET", "d", "x", "PX", "50");
            replica.ask("COPY", "d", "d", "DB", "1");
            replica.ask("RENAME", "d", "e");
            replica.ask("MULTI");
            replica.ask("SET", "f", "x", "PX", "20");
            replica.ask("EXEC");
            replica.ask("SET", "stays", "x", "PX", "20");
            replica.ask("PERSIST", "stays");
            awaitNoneTracked(replica);
            assertThat(keys(replica)).isEqualTo("keys=2 keys=0");
            assertThat(replica.text("EXISTS", "theirs", "stays")).isEqualTo("1");
            assertThat(replica.info("replication")).containsEntry("role", "slave");
        }
    }

    @Test
    void whatItsPrimaryGivesAnotherTimeHasThatTime() {
        try (Peer primary = Peer.start(Kind.GRANARY); Peer replica = writable(Kind.GRANARY, primary)) {
            replica.ask("SET", "a", "mine", "PX", "30000");
            replica.ask("SET", "b", "mine", "PX", "30000");
            assertThat(replica.info("stats")).containsEntry("slave_expires_tracked_keys", "2");
            primary.ask("SET", "a", "theirs");
            primary.ask("SET", "b", "theirs", "EX", "100000");
            await().until(() -> replica.info("stats").get("slave_expires_tracked_keys").equals("1"));
            replica.ask("SET", "own", "x", "PX", "20");
            await().until(() -> keys(replica).equals("keys=2 keys=0"));
            assertThat(replica.text("GET", "b")).isEqualTo("theirs");
        }
    }

    /** It is not remembered, so its time hides it and no more; what the client asked for is done all the same. */
    @Test
    void aKeyMayHaveALongName() {
        try (Peer primary = Peer.start(Kind.GRANARY); Peer replica = writable(Kind.GRANARY, primary)) {
            String name = "x".repeat(17 << 20);
            assertThat(replica.text("SET", name, "v", "PX", "100000")).isEqualTo("OK");
            assertThat(replica.text("GET", name)).isEqualTo("v");
            assertThat(replica.info("stats")).containsEntry("slave_expires_tracked_keys", "0");
        }
    }

    /** The primary's key of the same name is not one that a client here has given its time. */
    @Test
    void allAreForgottenWhenThePrimarysDataComeAsAWhole() {
        try (Peer primary = Peer.start(Kind.GRANARY); Peer replica = writable(Kind.GRANARY, primary)) {
            String soon = Long.toString(System.currentTimeMillis() + 3000);
            replica.ask("SET", "same", "mine", "PXAT", soon);
            assertThat(replica.info("stats")).containsEntry("slave_expires_tracked_keys", "1");
            replica.lead();
            primary.ask("SET", "same", "theirs", "PXAT", soon);
            primary.ask("DEBUG", "CHANGE-REPL-ID");
            replica.follow(primary.port());
            replica.awaitSame(primary);
            assertThat(replica.info("stats")).containsEntry("slave_expires_tracked_keys", "0");
            await().until(() -> replica.text("EXISTS", "same").equals("0"));
            replica.ask("SET", "own", "x", "PX", "1");
            awaitNoneTracked(replica);
            assertThat(keys(replica)).isEqualTo("keys=1 keys=0");
        }
    }
}
