package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.transcript.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients see and do of each other: CLIENT LIST, KILL, PAUSE, REPLY. */
@ParameterizedClass(name = "{0}")
@EnumSource
class ClientsTest extends OnEitherServer {

    private static final int PAUSE_MS = 150;

    private static String id(Wire client) {
        return client.ask("CLIENT", "ID").substring("(integer) ".length());
    }

    private static Map<String, String> fields(Wire asking, String id) {
        String line = text(asking, "CLIENT", "LIST", "ID", id);
        Map<String, String> fields = new HashMap<>();
        for (String field : line.strip().split(" ")) {
            int equals = field.indexOf('=');
            fields.put(field.substring(0, equals), field.substring(equals + 1));
        }
        return fields;
    }

    private static String text(Wire client, String... request) {
        client.request(request);
        return client.frame().text();
    }

    // ---- LIST ----

    @Test
    void aClientIsSeenWithWhatItHasDone() {
        try (Wire seen = Wire.to(server); Wire asking = Wire.to(server)) {
            String id = id(seen);
            assertThat(fields(asking, id)).containsEntry("id", id).containsEntry("addr", seen.localAddress())
                    .containsEntry("laddr", "127.0.0.1:" + server.port()).containsEntry("name", "").containsEntry("db", "0")
                    .containsEntry("flags", "N").containsEntry("multi", "-1").containsEntry("cmd", "client|id")
                    .containsEntry("user", "default").containsEntry("resp", "2").containsEntry("sub", "0");
            seen.ask("CLIENT", "SETNAME", "seen");
            seen.ask("SELECT", "7");
            seen.ask("HELLO", "3");
            seen.ask("MULTI");
            seen.ask("SET", "a", "1");
            seen.ask("SET", "a", "2");
            assertThat(fields(asking, id)).containsEntry("name", "seen").containsEntry("db", "7").containsEntry("resp", "3")
                    .containsEntry("multi", "2").containsEntry("flags", "x").containsEntry("cmd", "set");
            assertThat(fields(asking, id(asking))).containsEntry("name", "").containsEntry("db", "0");
        }
    }

    @Test
    void aClientWhoseWatchedKeyWasTouchedIsSeenAsSuch() {
        try (Wire seen = Wire.to(server); Wire asking = Wire.to(server)) {
            String id = id(seen);
            seen.ask("WATCH", "touched");
            assertThat(fields(asking, id)).containsEntry("flags", "N");
            asking.ask("SET", "touched", "1");
            seen.ask("MULTI");
            assertThat(fields(asking, id)).containsEntry("flags", "xd");
        }
    }

    @Test
    void listIsInTheOrderOfArrivalAndShowsAllWithoutAFilter() {
        try (Wire one = Wire.to(server); Wire two = Wire.to(server); Wire three = Wire.to(server)) {
            String first = id(one);
            String second = id(two);
            String third = id(three);
            // clients of earlier tests may be leaving
            await().untilAsserted(() -> {
                List<String> ids = text(two, "CLIENT", "LIST").lines().map(line -> line.split(" ")[0].substring(3)).toList();
                assertThat(ids).containsSubsequence(first, second, third);
                assertThat(text(two, "CLIENT", "LIST", "TYPE", "normal").lines().count()).isEqualTo(ids.size());
            });
            assertThat(text(two, "CLIENT", "LIST", "ID", third, "0", first).lines().map(line -> line.split(" ")[0]))
                    .containsExactly("id=" + third, "id=" + first);
        }
    }

    @Test
    void theFieldsAreThoseOfRedisInItsOrder() {
        try (LiveServer redis = LiveServer.Kind.REDIS.start(); Wire theirs = Wire.to(redis); Wire ours = Wire.to(server)) {
            List<String> names = names(text(ours, "CLIENT", "INFO"));
            assertThat(names).containsSubsequence(names(text(theirs, "CLIENT", "INFO")));
        }
    }

    private static List<String> names(String line) {
        return List.of(line.strip().split(" ")).stream().map(field -> field.substring(0, field.indexOf('='))).toList();
    }

    // ---- KILL ----

    @Test
    void killFindsClientsByAddressIdAndAll() {
        try (Wire killer = Wire.to(server); Wire byAddress = Wire.to(server); Wire byOldForm = Wire.to(server);
                Wire byId = Wire.to(server); Wire spared = Wire.to(server)) {
            assertThat(byAddress.ask("PING") + byOldForm.ask("PING") + spared.ask("PING")).isEqualTo("PONGPONGPONG");
            assertThat(killer.ask("CLIENT", "KILL", "ADDR", byAddress.localAddress())).isEqualTo("(integer) 1");
            assertThat(byAddress.rest()).isEmpty();
            assertThat(killer.ask("CLIENT", "KILL", byOldForm.localAddress())).isEqualTo("OK");
            assertThat(byOldForm.rest()).isEmpty();
            String id = id(byId);
            assertThat(killer.ask("CLIENT", "KILL", "ID", id, "ADDR", spared.localAddress())).isEqualTo("(integer) 0");
            assertThat(killer.ask("CLIENT", "KILL", "ID", id, "TYPE", "normal", "USER", "default", "SKIPME", "no"))
                    .isEqualTo("(integer) 1");
            assertThat(byId.rest()).isEmpty();
            assertThat(spared.ask("PING")).isEqualTo("PONG");
            await().until(() -> killer.ask("CLIENT", "KILL", "ID", id).equals("(integer) 0"));
        }
    }

    @Test
    void whoKillsHimselfGetsTheReplyFirst() {
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("CLIENT", "KILL", "ID", id(client))).isEqualTo("(integer) 0");
            assertThat(client.ask("CLIENT", "KILL", "ID", id(client), "SKIPME", "yes")).isEqualTo("(integer) 0");
            client.request("CLIENT", "KILL", "ID", id(client), "SKIPME", "no").request("SET", "after-kill", "1");
            assertThat(client.rest()).isEqualTo(":1\r\n");
        }
        try (Wire old = Wire.to(server)) {
            old.request("CLIENT", "KILL", old.localAddress());
            assertThat(old.rest()).isEqualTo("+OK\r\n");
        }
    }

    @Test
    void aKilledClientRunsNothingMoreOfItsPipeline() {
        try (Wire client = Wire.to(server)) {
            StringBuilder pipeline = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                pipeline.append("INCR mid-pipeline\r\n");
                if (i == 500) {
                    pipeline.append("CLIENT KILL ID ").append(id(client)).append(" SKIPME no\r\n");
                }
            }
            client.send(pipeline.toString());
            assertThat(client.rest()).endsWith(":501\r\n:1\r\n");
        }
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("GET", "mid-pipeline")).isEqualTo("\"501\"");
        }
    }

    @Test
    void clientsThatVanishInMidPipelineLeaveAServerThatWorks() {
        byte[] pipeline = "SET vanished 1\r\nGET vanished\r\nSET vanish".repeat(5_000).getBytes();
        for (int i = 0; i < 20; i++) {
            Wire.to(server).send(pipeline).reset();
        }
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("PING")).isEqualTo("PONG");
        }
    }

    // ---- PAUSE ----

    @Test
    void aPauseOfWritesLetsReadsGoOn() {
        try (Wire operator = Wire.to(server); Wire writer = Wire.to(server); Wire reader = Wire.to(server)) {
            operator.ask("SET", "paused", "0");
            assertThat(operator.ask("CLIENT", "PAUSE", "60000", "WRITE")).isEqualTo("OK");
            writer.request("GET", "paused").request("INCR", "paused").request("GET", "paused");
            assertThat(writer.reply()).isEqualTo("\"0\"");
            assertThat(writer.isSilent(50)).isTrue();
            assertThat(reader.ask("GET", "paused")).isEqualTo("\"0\"");
            assertThat(reader.ask("MULTI") + reader.ask("GET", "paused") + reader.ask("EXEC")).isEqualTo("OKQUEUED1) \"0\"");
            assertThat(operator.ask("CLIENT", "UNPAUSE")).isEqualTo("OK");
            assertThat(writer.reply()).isEqualTo("(integer) 1");
            assertThat(writer.reply()).isEqualTo("\"1\"");
        }
    }

    @Test
    void aTransactionThatWritesWaitsAtItsEnd() {
        try (Wire operator = Wire.to(server); Wire writer = Wire.to(server)) {
            operator.ask("CLIENT", "PAUSE", "60000", "WRITE");
            assertThat(writer.ask("MULTI")).isEqualTo("OK");
            writer.request("SET", "paused", "5");
            boolean queued = !writer.isSilent(50);
            if (queued) {
                assertThat(writer.reply()).isEqualTo("QUEUED");
            }
            writer.request("EXEC");
            assertThat(writer.isSilent(50)).isTrue();
            operator.ask("CLIENT", "UNPAUSE");
            if (!queued) {
                assertThat(writer.reply()).isEqualTo("QUEUED");
            }
            assertThat(writer.reply()).isEqualTo("1) OK");
        }
    }

    @Test
    void aPauseOfAllHoldsEverybodyUntilItsTime() {
        try (Wire operator = Wire.to(server); Wire other = Wire.to(server)) {
            long start = System.nanoTime();
            assertThat(operator.ask("CLIENT", "PAUSE", Integer.toString(PAUSE_MS))).isEqualTo("OK");
            other.request("PING").request("PING");
            operator.request("PING");
            assertThat(other.reply()).isEqualTo("PONG");
            assertThat((System.nanoTime() - start) / 1_000_000).isBetween(PAUSE_MS - 10L, PAUSE_MS + 25_000L);
            assertThat(other.reply()).isEqualTo("PONG");
            assertThat(operator.reply()).isEqualTo("PONG");
        }
    }

    @Test
    void whoWaitsForTheEndOfAPauseIsBlocked() {
        try (Wire operator = Wire.to(server); Wire writer = Wire.to(server)) {
            String id = id(writer);
            operator.ask("CLIENT", "PAUSE", "60000", "WRITE");
            writer.request("SET", "paused", "1");
            await().until(() -> InfoText.parse(text(operator, "INFO", "clients")).number("blocked_clients") == 1);
            assertThat(fields(operator, id)).containsEntry("flags", "b");
            operator.ask("CLIENT", "UNPAUSE");
            assertThat(writer.reply()).isEqualTo("OK");
            assertThat(InfoText.parse(text(operator, "INFO", "clients")).number("blocked_clients")).isZero();
        }
    }

    @Test
    void nothingExpiresDuringAPause() {
        try (Wire operator = Wire.to(server)) {
            long expired = InfoText.parse(text(operator, "INFO", "stats")).number("expired_keys");
            operator.ask("SET", "passing", "1", "PX", "1");
            operator.ask("CLIENT", "PAUSE", "60000", "WRITE");
            await().until(() -> operator.ask("GET", "passing").equals("(nil)"));
            assertThat(InfoText.parse(text(operator, "INFO", "stats")).number("expired_keys")).isEqualTo(expired);
            operator.ask("CLIENT", "UNPAUSE");
            assertThat(operator.ask("GET", "passing")).isEqualTo("(nil)");
            assertThat(InfoText.parse(text(operator, "INFO", "stats")).number("expired_keys")).isEqualTo(expired + 1);
        }
    }

    @Test
    void whoLeavesDuringAPauseIsForgotten() {
        try (Wire operator = Wire.to(server)) {
            operator.ask("CLIENT", "PAUSE", "60000", "WRITE");
            String id;
            try (Wire gone = Wire.to(server)) {
                id = id(gone);
                gone.request("SET", "gone", "1");
                assertThat(gone.isSilent(30)).isTrue();
            }
            await().until(() -> text(operator, "CLIENT", "LIST", "ID", id).isBlank());
            operator.ask("CLIENT", "UNPAUSE");
            assertThat(operator.ask("EXISTS", "gone")).isEqualTo("(integer) 0");
        }
    }

    // ---- REPLY ----

    @Test
    void repliesCanBeTurnedOffAndOn() {
        try (Wire client = Wire.to(server)) {
            client.request("CLIENT", "REPLY", "OFF").request("SET", "off", "1").request("NOSUCH").request("PING")
                    .request("CLIENT", "REPLY", "SKIP").request("PING").request("INCR", "off")
                    .request("CLIENT", "REPLY", "ON").request("GET", "off");
            assertThat(client.reply()).isEqualTo("OK");
            assertThat(client.reply()).isEqualTo("\"2\"");
        }
    }

    @Test
    void oneReplyCanBeSkipped() {
        try (Wire client = Wire.to(server)) {
            client.request("CLIENT", "REPLY", "SKIP").request("ECHO", "1").request("ECHO", "2")
                    .request("CLIENT", "REPLY", "SKIP").request("CLIENT", "REPLY", "SKIP").request("ECHO", "3")
                    .request("ECHO", "4").request("CLIENT", "REPLY", "SKIP").request("NOSUCH").request("ECHO", "5");
            assertThat(client.reply()).isEqualTo("\"2\"");
            assertThat(client.reply()).isEqualTo("\"4\"");
            assertThat(client.reply()).isEqualTo("\"5\"");
        }
    }

    @Test
    void resetTurnsRepliesOnAgain() {
        try (Wire client = Wire.to(server)) {
            client.request("CLIENT", "REPLY", "OFF").request("PING").request("RESET").request("ECHO", "on");
            assertThat(client.reply()).isEqualTo("RESET");
            assertThat(client.reply()).isEqualTo("\"on\"");
        }
    }

    // ---- who may connect ----

    @Test
    void oneClientTooManyIsToldSo() {
        try (Connection operator = server.connect()) {
            String before = operator.ask("CONFIG", "GET", "maxclients").items().getLast().text();
            operator.configure("maxclients", "1");
            try (Wire refused = Wire.to(server)) {
                assertThat(refused.rest()).isEqualTo("-ERR max number of clients reached\r\n");
            } finally {
                operator.configure("maxclients", before);
            }
            try (Wire client = Wire.to(server)) {
                assertThat(client.ask("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void aCrowdThatIsRefusedDoesNotHinderThoseWhoAreServed() {
        try (Connection operator = server.connect()) {
            String before = operator.ask("CONFIG", "GET", "maxclients").items().getLast().text();
            operator.configure("maxclients", "5");
            List<Wire> crowd = new ArrayList<>();
            for (int i = 0; i < 1_200; i++) {
                crowd.add(Wire.to(server));
            }
            assertThat(operator.ask("PING").text()).isEqualTo("PONG");
            await().untilAsserted(() ->
                    assertThat(InfoText.of(operator, "stats").number("rejected_connections")).isGreaterThan(1_190));
            crowd.forEach(Wire::close);
            operator.configure("maxclients", before);
            try (Wire client = Wire.to(server)) {
                assertThat(client.ask("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void strangersMaySendLittle() {
        try (Connection operator = server.connect(); Wire known = Wire.to(server)) {
            known.ask("PING");
            operator.configure("requirepass", "secret");
            try (Wire arguments = Wire.to(server); Wire bytes = Wire.to(server); Wire stranger = Wire.to(server)) {
                assertThat(arguments.send("*11\r\n").rest())
                        .isEqualTo("-ERR Protocol error: unauthenticated multibulk length\r\n");
                assertThat(bytes.send("*1\r\n$16385\r\n").rest())
                        .isEqualTo("-ERR Protocol error: unauthenticated bulk length\r\n");
                assertThat(stranger.ask("ECHO", "x".repeat(16_384))).isEqualTo("(error) NOAUTH Authentication required.");
                stranger.request("AUTH", "secret").request("ECHO", "x".repeat(16_385)).request(
                        "DEL", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
                assertThat(stranger.reply()).isEqualTo("OK");
                assertThat(stranger.reply()).hasSize(16_387);
                assertThat(stranger.reply()).isEqualTo("(integer) 0");
                assertThat(known.ask("ECHO", "x".repeat(20_000))).hasSize(20_002);
            } finally {
                operator.configure("requirepass", "");
            }
        }
    }
}
