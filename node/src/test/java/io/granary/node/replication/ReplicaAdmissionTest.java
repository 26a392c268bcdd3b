package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.LiveServer.Kind;
import io.granary.resp.CliText;
import io.granary.resp.Frame;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.RedisServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a replica lets its clients do is what a replica of redis-server does. */
class ReplicaAdmissionTest {

    /** Nobody listens there. */
    private static final String NO_PORT = "1";

    private static final String[] CONVERSATION = {
        "SET before x",
        "REPLICAOF NO ONE",
        "REPLICAOF 127.0.0.1 " + NO_PORT,
        "REPLICAOF 127.0.0.1 " + NO_PORT,
        "REPLICAOF 127.0.0.1 port",
        "REPLICAOF 127.0.0.1 65536",
        "REPLICAOF one",
        "SLAVEOF 127.0.0.1 -1",
        "CONFIG GET replicaof",
        "GET before",
        "SET a b",
        "SET a",
        "SET",
        "DEL before",
        "FLUSHALL",
        "FLUSHDB",
        "SWAPDB 0 1",
        "SELECT 1",
        "SELECT 0",
        "DBSIZE",
        "MULTI",
        "GET before",
        "SET a b",
        "GET before",
        "EXEC",
        "MULTI",
        "GET before",
        "EXEC",
        "WATCH before",
        "UNWATCH",
        "PING",
        "TOUCH before",
        "GETDEL before",
        "GETEX before PERSIST",
        "RESTORE x 0 payload",
        "WAIT 0 1",
        "FAILOVER",
        "FAILOVER ABORT",
        "FAILOVER TIMEOUT 0",
        "FAILOVER TO 127.0.0.1 1 FORCE",
        "FAILOVER NOW",
        "CONFIG SET replica-serve-stale-data no",
        "GET before",
        "SET a b",
        "EXISTS before",
        "DBSIZE",
        "KEYS *",
        "PING",
        "SELECT 0",
        "MULTI",
        "GET before",
        "EXEC",
        "MULTI",
        "EXEC",
        "CONFIG GET replica-serve-stale-data",
        "CONFIG SET replica-serve-stale-data yes",
        "GET before",
        "CONFIG SET replica-read-only no",
        "SET a b",
        "GET a",
        "MULTI",
        "INCR n",
        "EXEC",
        "CONFIG SET replica-read-only yes",
        "SET a c",
        "GET a",
        "MULTI",
        "REPLICAOF 127.0.0.1 2",
        "EXEC",
        "REPLICAOF NO ONE",
        "SET a c",
        "FAILOVER",
        "FAILOVER ABORT",
        "FAILOVER TIMEOUT 10 FORCE",
        "CONFIG GET replicaof",
        "DBSIZE"
    };

    private static List<String> converse(Kind kind) {
        List<String> lines = new ArrayList<>();
        try (LiveServer server = kind.start(); Connection connection = server.connect()) {
            for (String line : CONVERSATION) {
                Frame reply = connection.ask(line.split(" "));
                lines.add("> " + line);
                lines.add(CliText.of(reply));
            }
        }
        return lines;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void helloTellsTheRole(Kind kind) {
        try (Peer node = Peer.start(kind)) {
            assertThat(CliText.of(node.ask("HELLO"))).contains("\"role\"").contains("\"master\"");
            node.follow(Integer.parseInt(NO_PORT));
            assertThat(CliText.of(node.ask("HELLO"))).contains("\"replica\"").doesNotContain("\"master\"");
        }
    }

    @Test
    void clientsHearWhatRedisTellsThem() {
        assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
        assertThat(converse(Kind.GRANARY)).isEqualTo(converse(Kind.REDIS));
    }
}
