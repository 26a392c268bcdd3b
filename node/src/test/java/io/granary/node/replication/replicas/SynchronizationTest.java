package io.granary.node.replication.replicas;

import static io.granary.node.replication.replicas.Primaries.awaitOnline;
import static io.granary.node.replication.replicas.Primaries.info;
import static io.granary.node.replication.replicas.Primaries.online;
import static io.granary.node.replication.replicas.Primaries.start;
import static io.granary.node.replication.replicas.TestReplica.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.Patience;
import io.granary.node.conformance.TestNode;
import io.granary.slots.transcript.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How replicas get in step with their primary, on both servers. */
@ExtendWith(Patience.class)
class SynchronizationTest {

    private static final String UNKNOWN = "0123456789012345678901234567890123456789";

    @ParameterizedTest
    @EnumSource
    void aReplicaGetsASnapshotAndThenWhatChanges(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect();
                TestReplica replica = TestReplica.to(server.port()).introduced()) {
            client.ask("SET", "before", "1");
            String answer = replica.ask("PSYNC", "?", "-1");
            assertThat(answer).matches("\\+FULLRESYNC [0-9a-f]{40} 0");
            assertThat(answer).contains(info(client, "master_replid"));
            String snapshot = replica.snapshot();
            assertThat(snapshot).startsWith("REDIS00").contains("before", "repl-id", "repl-offset", "repl-stream-db");
            client.ask("SET", "after", "2");
            awaitOnline(server);
            replica.say("REPLCONF", "ACK", "0");
            String expected = request("SELECT", "0") + request("SET", "after", "2");
            assertThat(replica.read(expected.length())).isEqualTo(expected);
            assertThat(info(client, "master_repl_offset")).isEqualTo(Integer.toString(expected.length()));
            assertThat(info(client, "slave0")).contains("port=4711,state=online,offset=0");
            assertThat(info(client, "sync_full")).isEqualTo("1");
            assertThat(info(client, "sync_partial_err")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutTheMarkOfTheEndTheLengthIsToldBefore(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect();
                TestReplica replica = TestReplica.to(server.port())) {
            client.ask("SET", "before", "1");
            replica.ask("PSYNC", "?", "-1");
            String head = replica.line();
            assertThat(head).matches("\\$\\d+");
            assertThat(replica.read(Integer.parseInt(head.substring(1)))).startsWith("REDIS").contains("before");
            client.ask("SET", "after", "2");
            String expected = request("SELECT", "0") + request("SET", "after", "2");
            assertThat(replica.read(expected.length())).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void syncIsAnsweredWithTheSnapshotAlone(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect();
                TestReplica replica = TestReplica.to(server.port())) {
            client.ask("SET", "before", "1");
            assertThat(replica.send("SYNC\r\n").snapshot()).startsWith("REDIS").contains("before");
            client.ask("SET", "after", "2");
            String expected = request("SELECT", "0") + request("SET", "after", "2");
            assertThat(replica.read(expected.length())).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplicaGoesOnWhereItWas(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect()) {
            try (TestReplica replica = online(server)) {
                client.ask("SET", "a", "1");
                replica.read((request("SELECT", "0") + request("SET", "a", "1")).length());
            }
            String id = info(client, "master_replid");
            long had = Long.parseLong(info(client, "master_repl_offset"));
            client.ask("SET", "b", "2");
            try (TestReplica replica = TestReplica.to(server.port()).introduced()) {
                assertThat(replica.ask("PSYNC", id, Long.toString(had + 1))).isEqualTo("+CONTINUE " + id);
                client.ask("SET", "c", "3");
                String expected = request("SET", "b", "2") + request("SET", "c", "3");
                assertThat(replica.read(expected.length())).isEqualTo(expected);
            }
            assertThat(info(client, "sync_partial_ok")).isEqualTo("1");
            assertThat(info(client, "sync_full")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplicaThatIsUpToDateMissesNothing(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect()) {
            online(server).close();
            client.ask("SET", "a", "1");
            String id = info(client, "master_replid").toUpperCase();
            String next = Long.toString(Long.parseLong(info(client, "master_repl_offset")) + 1);
            try (TestReplica replica = TestReplica.to(server.port())) {
                assertThat(replica.ask("PSYNC", id, next)).isEqualTo("+CONTINUE");
                client.ask("SET", "b", "2");
                assertThat(replica.read(request("SET", "b", "2").length())).isEqualTo(request("SET", "b", "2"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownHistoryNeedsEverything(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect();
                TestReplica replica = TestReplica.to(server.port()).introduced()) {
            online(server).close();
            assertThat(replica.ask("PSYNC", UNKNOWN, "1")).startsWith("+FULLRESYNC " + info(client, "master_replid"));
            assertThat(replica.snapshot()).startsWith("REDIS");
            assertThat(info(client, "sync_partial_err")).isEqualTo("1");
            assertThat(info(client, "sync_full")).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOffsetOutsideTheBacklogNeedsEverything(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--repl-backlog-size", "16384"); Connection client = server.connect()) {
            online(server).close();
            // what a replica has not had yet is kept for it
            await().until(() -> info(client, "connected_slaves").equals("0"));
            for (int i = 0; i < 20; i++) {
                client.ask("SET", "k" + i, "x".repeat(10_000));
            }
            String id = info(client, "master_replid");
            long first = Long.parseLong(info(client, "repl_backlog_first_byte_offset"));
            long end = Long.parseLong(info(client, "master_repl_offset"));
            assertThat(first).isGreaterThan(1);
            for (long next : new long[] {first - 1, end + 2, Long.MIN_VALUE, Long.MAX_VALUE}) {
                try (TestReplica replica = TestReplica.to(server.port()).introduced()) {
                    assertThat(replica.ask("PSYNC", id, Long.toString(next))).as("next %d", next).startsWith("+FULLRESYNC");
                    replica.snapshot();
                }
            }
            for (long next : new long[] {first, end + 1}) {
                try (TestReplica replica = TestReplica.to(server.port()).introduced()) {
                    assertThat(replica.ask("PSYNC", id, Long.toString(next))).as("next %d", next).startsWith("+CONTINUE");
                }
            }
            assertThat(info(client, "sync_partial_err")).isEqualTo("4");
            assertThat(info(client, "sync_partial_ok")).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void replicasThatComeTogetherShareASnapshot(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--repl-diskless-sync-delay", "30", "--repl-diskless-sync-max-replicas", "2");
                Connection client = server.connect();
                TestReplica one = TestReplica.to(server.port()).introduced();
                TestReplica other = TestReplica.to(server.port()).introduced()) {
            one.say("PSYNC", "?", "-1");
            await().until(() -> info(client, "connected_slaves").equals("1"));
            assertThat(info(client, "slave0")).contains("state=wait_bgsave");
            client.ask("SET", "a", "1");
            other.say("PSYNC", "?", "-1");
            assertThat(one.line()).isEqualTo(other.line());
            assertThat(one.snapshot()).isEqualTo(other.snapshot()).contains("ctime");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoeverWantsOnlyTheSnapshotIsLeftBehindIt(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect();
                TestReplica replica = TestReplica.to(server.port())) {
            client.ask("SET", "a", "1");
            assertThat(replica.ask("REPLCONF", "capa", "eof")).isEqualTo("+OK");
            assertThat(replica.ask("REPLCONF", "rdb-only", "1")).isEqualTo("+OK");
            assertThat(replica.send("SYNC\r\n").snapshot()).contains("REDIS");
            assertThat(replica.rest()).isEmpty();
            await().until(() -> info(client, "connected_slaves").equals("0"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotNamedIsFilteredOut(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect();
                TestReplica replica = TestReplica.to(server.port())) {
            client.ask("SET", "secret", "1");
            assertThat(replica.ask("REPLCONF", "rdb-filter-only", "functions")).isEqualTo("+OK");
            assertThat(replica.ask("SYNC")).isEqualTo("-ERR Filtered replica requires EOF capability");
            assertThat(replica.ask("REPLCONF", "capa", "eof")).isEqualTo("+OK");
            assertThat(replica.say("SYNC").snapshot()).startsWith("REDIS").doesNotContain("secret");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplicaThatAsksIsNotAnsweredButLeft(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); TestReplica replica = online(server)) {
            replica.say("PSYNC", "?", "-1").say("REPLCONF", "ACK", "not a number").say("REPLCONF", "ACK", "1234567");
            await().until(() -> info(client, "slave0").contains("offset=1234567"));
            replica.say("GET", "a");
            assertThat(replica.rest()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorForAReplicaIsCountedAndLogged(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); TestReplica replica = online(server)) {
            assertThat(info(client, "unexpected_error_replies")).isEqualTo("0");
            replica.say("NOSUCH");
            assertThat(replica.rest()).isEmpty();
            await().until(() -> info(client, "unexpected_error_replies").equals("1"));
            if (server instanceof TestNode node) {
                assertThat(node.log()).contains("== CRITICAL == This master is sending an error to its replica: "
                        + "'ERR unknown command 'NOSUCH'", "' after processing the command '<unknown>'");
            }
            client.ask("CONFIG", "RESETSTAT");
            assertThat(info(client, "unexpected_error_replies")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientsCanBeToldFromReplicas(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); TestReplica replica = online(server)) {
            await().until(() -> client.ask("CLIENT", "LIST", "TYPE", "replica").text().contains("cmd=replconf"));
            assertThat(client.ask("CLIENT", "LIST", "TYPE", "replica").text().lines()).hasSize(1)
                    .allMatch(line -> line.contains(" flags=S "));
            assertThat(client.ask("CLIENT", "LIST", "TYPE", "normal").text()).doesNotContain("flags=S");
            assertThat(client.ask("CLIENT", "KILL", "TYPE", "replica").text()).isEqualTo("1");
            assertThat(replica.rest()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void rolesAreTold(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); TestReplica replica = online(server)) {
            client.ask("SET", "a", "1");
            String sent = request("SELECT", "0") + request("SET", "a", "1");
            String had = Integer.toString(replica.read(sent.length()).length());
            replica.say("REPLCONF", "ACK", had);
            await().until(() -> client.ask("ROLE").items().get(2).items().getFirst().items().get(2).text().equals(had));
            var role = client.ask("ROLE").items();
            assertThat(role.get(0).text()).isEqualTo("master");
            assertThat(role.get(1).text()).isEqualTo(had);
            assertThat(role.get(2).items().getFirst().items().get(0).text()).isEqualTo("127.0.0.1");
            assertThat(role.get(2).items().getFirst().items().get(1).text()).isEqualTo("4711");
        }
    }

    @Test
    void aReplicaTouchesNoKeys() {
        try (LiveServer server = start(LiveServer.Kind.GRANARY); Connection client = server.connect();
                TestReplica replica = online(server)) {
            replica.say("SET", "a", "1");
            await().until(() -> info(client, "connected_slaves").equals("0"));
            assertThat(client.ask("EXISTS", "a").text()).isEqualTo("0");
        }
    }

    /** Each key takes half a minute: only a snapshot that was given up lets another begin before. */
    @ParameterizedTest
    @ValueSource(strings = {"yes", "no"})
    void aSnapshotThatNobodyWaitsForAnyMoreIsGivenUp(String diskless) {
        try (LiveServer server = start(LiveServer.Kind.GRANARY, "--repl-diskless-sync", diskless);
                Connection client = server.connect()) {
            client.ask("MSET", "a", "1", "b", "2");
            client.ask("CONFIG", "SET", "rdb-key-save-delay", "30000000");
            try (TestReplica first = TestReplica.to(server.port()).introduced();
                    TestReplica second = TestReplica.to(server.port()).introduced()) {
                assertThat(first.ask("PSYNC", "?", "-1")).startsWith("+FULLRESYNC");
                second.say("PSYNC", "?", "-1");
                await().until(() -> info(client, "connected_slaves").equals("2"));
            }
            await().until(() -> info(client, "connected_slaves").equals("0"));
            await().until(() -> info(client, "rdb_bgsave_in_progress").equals("0"));
        }
    }
}
