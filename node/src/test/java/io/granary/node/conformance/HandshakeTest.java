package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What clients say first, each as one pipeline: they count replies, so each request gets exactly one, and what they may ask
 * but we do not have is an error of the kind that they pass over.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HandshakeTest {

    private LiveServer standalone;
    private LiveServer clustered;

    @BeforeAll
    void start() {
        standalone = TestNode.start();
        clustered = LiveServer.Kind.GRANARY.startOwningAllSlots();
    }

    @AfterAll
    void stop() {
        clustered.close();
        standalone.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "Jedis          | HELLO 3; CLIENT SETINFO LIB-NAME jedis; CLIENT SETINFO LIB-VER 8.0.2; CLUSTER SLOTS; PING",
        "Lettuce        | HELLO 3; CLIENT SETINFO lib-name Lettuce; CLIENT SETINFO lib-ver 7.7;"
                + " !CLIENT MAINT_NOTIFICATIONS on; CLUSTER NODES; INFO; CLUSTER MYID",
        "Redisson       | CLIENT SETNAME r; PING; CLUSTER NODES; INFO REPLICATION; !CLIENT CAPA redirect",
        "ioredis        | HELLO 3; client SETINFO LIB-VER 6.0.0; client SETINFO LIB-NAME ioredis; INFO;"
                + " CLUSTER SLOTS; CLUSTER INFO",
        "node-redis     | HELLO 3; CLIENT SETINFO LIB-VER 6.3; CLIENT SETINFO LIB-NAME node-redis;"
                + " !CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type external-ip; CLUSTER SLOTS",
        "go-redis       | HELLO 3; !CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type auto;"
                + " CLIENT SETINFO LIB-NAME go-redis; CLUSTER SLOTS; COMMAND",
        "redis-py       | HELLO 3; !CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type internal-ip;"
                + " CLIENT SETINFO LIB-NAME redis-py; CLUSTER SLOTS; COMMAND; COMMAND GETKEYS SET k v",
        "StackExchange  | HELLO; CLIENT SETNAME s; CLIENT SETINFO lib-name SE; CLIENT ID; CONFIG GET timeout;"
                + " CONFIG GET replica-read-only; CONFIG GET slave-read-only; CONFIG GET databases; !SENTINEL MASTERS;"
                + " INFO replication; INFO server; CLUSTER NODES; ECHO token",
        "redis-rb       | HELLO 3; CLIENT SETINFO LIB-NAME redis-client; CLUSTER SHARDS; COMMAND",
        "redis-cli      | COMMAND DOCS; INFO SERVER; COMMAND; CLUSTER INFO; CLUSTER NODES; DBSIZE",
        "redis-benchmark| CONFIG GET save; CONFIG GET appendonly; CLUSTER NODES; CLUSTER SLOTS",
        "redis_exporter | CLIENT SETNAME exporter; CONFIG GET *; INFO ALL; CLUSTER INFO; SLOWLOG LEN; SLOWLOG GET 1;"
                + " LATENCY LATEST; LATENCY HISTOGRAM; INFO MODULES; COMMAND INFO COMMANDLOG; CLIENT LIST"})
    void everyRequestGetsItsReply(String client, String requests) {
        for (LiveServer server : List.of(standalone, clustered)) {
            List<Boolean> refused = new ArrayList<>();
            try (Wire connection = Wire.to(server)) {
                for (String request : requests.split(";")) {
                    boolean unknown = request.strip().startsWith("!");
                    String[] words = request.strip().replaceFirst("^!", "").split(" ");
                    refused.add(unknown || server == standalone && words[0].equals("CLUSTER"));
                    connection.request(words);
                }
                connection.request("ECHO", "the end");
                for (boolean error : refused) {
                    Frame reply = connection.frame();
                    assertThat(reply.isError()).as("%s: %s", client, reply).isEqualTo(error);
                    if (error) {
                        assertThat(reply.text()).startsWith("ERR ");
                    }
                }
                assertThat(connection.reply()).isEqualTo("\"the end\"");
            }
        }
    }
}
