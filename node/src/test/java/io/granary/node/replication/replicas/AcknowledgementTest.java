package io.granary.node.replication.replicas;

import static io.granary.node.replication.replicas.Primaries.info;
import static io.granary.node.replication.replicas.Primaries.online;
import static io.granary.node.replication.replicas.Primaries.start;
import static io.granary.node.replication.replicas.TestReplica.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.Patience;
import io.granary.node.conformance.Wire;
import io.granary.slots.transcript.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients may learn of how far replicas are, and what depends on it, on both servers. */
@ExtendWith(Patience.class)
class AcknowledgementTest {

    private static final String SET = request("SELECT", "0") + request("SET", "a", "1");
    private static final String GETACK = request("REPLCONF", "GETACK", "*");

    private static void awaitBlocked(Connection client) {
        await().until(() -> info(client, "blocked_clients").equals("1"));
    }

    @ParameterizedTest
    @EnumSource
    void aReplicaIsNoClient(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect()) {
            String alone = info(client, "connected_clients");
            try (TestReplica replica = online(server)) {
                await().until(() -> info(client, "connected_slaves").equals("1"));
                assertThat(info(client, "connected_clients")).isEqualTo(alone);
                replica.say("REPLCONF", "ACK", "0");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitIsAnsweredWhenEnoughReplicasHaveTheWrite(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); Wire writer = Wire.to(server);
                TestReplica replica = online(server)) {
            writer.ask("SET", "a", "1");
            writer.request("WAIT", "1", "0");
            awaitBlocked(client);
            assertThat(client.ask("CLIENT", "LIST").text()).contains(" flags=b ");
            assertThat(replica.read(SET.length() + GETACK.length())).isEqualTo(SET + GETACK);
            replica.say("REPLCONF", "ACK", Integer.toString(SET.length() - 1));
            await().until(() -> info(client, "slave0").contains("offset=" + (SET.length() - 1)));
            assertThat(info(client, "blocked_clients")).isEqualTo("1");
            replica.say("REPLCONF", "ACK", Integer.toString(SET.length()));
            assertThat(writer.reply()).isEqualTo("(integer) 1");
            assertThat(info(client, "blocked_clients")).isEqualTo("0");
        }
    }

    /** The replica's log begins to flow when it has said something: until then the question waits for more to ask it. */
    @Test
    void oneQuestionIsEnoughForAllThatWait() {
        try (LiveServer server = start(LiveServer.Kind.GRANARY); Connection client = server.connect();
                Wire first = Wire.to(server); Wire second = Wire.to(server);
                TestReplica replica = TestReplica.to(server.port()).introduced()) {
            assertThat(replica.ask("PSYNC", "?", "-1")).startsWith("+FULLRESYNC");
            replica.snapshot();
            await().until(() -> info(client, "slave0").contains("state=online"));
            first.ask("SET", "a", "1");
            first.request("WAIT", "1", "0");
            second.ask("SET", "a", "1");
            second.request("WAIT", "1", "0");
            await().until(() -> info(client, "blocked_clients").equals("2"));
            replica.say("REPLCONF", "ACK", "0");
            String sets = SET + request("SET", "a", "1");
            assertThat(replica.read(sets.length() + GETACK.length())).isEqualTo(sets + GETACK);
            replica.say("REPLCONF", "ACK", Integer.toString(sets.length()));
            assertThat(first.reply() + second.reply()).isEqualTo("(integer) 1(integer) 1");
            assertThat(first.ask("SET", "b", "2")).isEqualTo("OK");
            String next = request("SET", "b", "2");
            assertThat(replica.read(next.length())).isEqualTo(next);
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitTellsHowManyThereAreWhenItsTimeIsOver(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Wire writer = Wire.to(server); TestReplica replica = online(server)) {
            assertThat(writer.ask("WAIT", "1", "0")).as("nothing was written").isEqualTo("(integer) 1");
            writer.ask("SET", "a", "1");
            assertThat(writer.ask("WAIT", "0", "0")).isEqualTo("(integer) 0");
            assertThat(writer.ask("WAIT", "1", "20")).isEqualTo("(integer) 0");
            replica.say("REPLCONF", "ACK", "100000");
            assertThat(writer.ask("WAIT", "1", "0")).isEqualTo("(integer) 1");
            assertThat(writer.ask("WAIT", "2", "20")).isEqualTo("(integer) 1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSentBehindWaitWaitsToo(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Wire writer = Wire.to(server); TestReplica replica = online(server)) {
            writer.send(request("SET", "a", "1") + request("WAIT", "1", "0") + request("GET", "a"));
            assertThat(writer.reply()).isEqualTo("OK");
            replica.read(SET.length() + GETACK.length());
            writer.send(request("GET", "b"));
            replica.say("REPLCONF", "ACK", Integer.toString(SET.length()));
            assertThat(writer.reply() + writer.reply() + writer.reply()).isEqualTo("(integer) 1\"1\"(nil)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitInATransactionDoesNotWait(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Wire writer = Wire.to(server); TestReplica replica = online(server)) {
            writer.ask("MULTI");
            writer.ask("SET", "a", "1");
            writer.ask("WAIT", "1", "0");
            assertThat(writer.ask("EXEC")).isEqualTo("1) OK\n2) (integer) 1");
            assertThat(replica.read(SET.length())).isEqualTo(SET);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOperatorEndsTheWait(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); Wire writer = Wire.to(server)) {
            writer.ask("SET", "a", "1");
            String id = writer.ask("CLIENT", "ID").substring("(integer) ".length());
            assertThat(client.ask("CLIENT", "UNBLOCK", id).text()).isEqualTo("0");
            writer.request("WAIT", "1", "0");
            awaitBlocked(client);
            assertThat(client.ask("CLIENT", "UNBLOCK", id, "ERROR").text()).isEqualTo("1");
            assertThat(writer.reply()).isEqualTo("(error) UNBLOCKED client unblocked via CLIENT UNBLOCK");
            writer.request("WAIT", "1", "0");
            awaitBlocked(client);
            assertThat(client.ask("CLIENT", "UNBLOCK", id).text()).isEqualTo("1");
            assertThat(writer.reply()).isEqualTo("(integer) 0");
            assertThat(writer.ask("PING")).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatGoesIsWaitedForNoMore(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Connection client = server.connect(); TestReplica replica = online(server)) {
            try (Wire writer = Wire.to(server)) {
                writer.request("WAIT", "3", "0");
                awaitBlocked(client);
            }
            await().until(() -> info(client, "blocked_clients").equals("0"));
            replica.say("REPLCONF", "ACK", "1000");
            assertThat(client.ask("PING").text()).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @EnumSource
    void unreasonableArgumentsAreRefused(LiveServer.Kind kind) {
        try (LiveServer server = start(kind); Wire client = Wire.to(server)) {
            assertThat(client.ask("WAIT", "x", "0")).isEqualTo("(error) ERR value is not an integer or out of range");
            assertThat(client.ask("WAIT", "1", "x")).isEqualTo("(error) ERR timeout is not an integer or out of range");
            assertThat(client.ask("WAIT", "1", "-1")).isEqualTo("(error) ERR timeout is negative");
            assertThat(client.ask("WAIT", "-5", "0")).isEqualTo("(integer) 0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesNeedReplicasThatAreNear(LiveServer.Kind kind) {
        try (LiveServer server = start(kind, "--min-replicas-to-write", "1", "--min-replicas-max-lag", "10");
                Connection client = server.connect(); Wire writer = Wire.to(server)) {
            await().until(() -> writer.ask("SET", "a", "1").equals("(error) NOREPLICAS Not enough good replicas to write."));
            assertThat(writer.ask("GET", "a")).isEqualTo("(nil)");
            assertThat(info(client, "min_slaves_good_slaves")).isEqualTo("0");
            writer.ask("MULTI");
            assertThat(writer.ask("SET", "a", "1")).startsWith("(error) NOREPLICAS");
            assertThat(writer.ask("EXEC")).startsWith("(error) EXECABORT");
            try (TestReplica replica = online(server)) {
                await().until(() -> writer.ask("SET", "a", "1").equals("OK"));
                assertThat(info(client, "min_slaves_good_slaves")).isEqualTo("1");
                assertThat(replica.read(SET.length())).isEqualTo(SET);
            }
            await().until(() -> writer.ask("SET", "a", "2").startsWith("(error) NOREPLICAS"));
            client.ask("CONFIG", "SET", "min-replicas-to-write", "0");
            assertThat(writer.ask("SET", "a", "2")).isEqualTo("OK");
        }
    }
}
