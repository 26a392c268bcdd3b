package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.granary.resp.Frame;
import io.granary.slots.transcript.CommandLine;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.Propagation;
import io.granary.slots.transcript.RandomWrites;
import io.granary.slots.transcript.ReplicaStream;
import io.granary.slots.transcript.Shrinking;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node tells its replicas what redis-server tells its own, for the same requests, byte for byte but for the time. */
class PropagationTest {

    private static final int SEEDS = Integer.getInteger("granary.seeds", 40);
    private static final long FIRST_SEED = Long.getLong("granary.seed", 1);
    private static final int REQUESTS = 120;
    private static final String[] DIRECTIVES = {
        "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "3600"
    };
    private static final String END = "the-end";

    private Side redis;
    private Side granary;
    private int ends;
    private String payload;

    /** A server, a client of it, and somebody who follows it. */
    private record Side(LiveServer server, Connection client, ReplicaStream stream) implements AutoCloseable {

        static Side of(LiveServer.Kind kind) {
            LiveServer server = kind.start(DIRECTIVES);
            return new Side(server, server.connect(), ReplicaStream.of(server.port()));
        }

        Frame ask(String request) {
            return client.ask(CommandLine.split(request));
        }

        @Override
        public void close() {
            stream.close();
            client.close();
            server.close();
        }
    }

    @BeforeEach
    void start() {
        redis = Side.of(LiveServer.Kind.REDIS);
        granary = Side.of(LiveServer.Kind.GRANARY);
        payload = payload();
        // from here on both streams are in the same database
        difference(List.of());
    }

    @AfterEach
    void end() {
        if (granary != null) {
            granary.close();
        }
        redis.close();
    }

    @Test
    void randomRequestsAreToldAsByRedisServer() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            List<String> requests = new RandomWrites(seed, true, payload).next(REQUESTS);
            if (difference(requests) != null) {
                List<String> shrunk = Shrinking.of(requests, less -> difference(less) != null);
                fail("seed " + seed + ":\n> " + String.join("\n> ", shrunk) + "\n" + difference(shrunk));
            }
        }
    }

    /** What DUMP answers for a string, in quotes. */
    private String payload() {
        redis.ask("SET dumped value");
        String bytes = redis.ask("DUMP dumped").text();
        return bytes.chars().mapToObj(each -> String.format("\\x%02x", each)).collect(Collectors.joining("", "\"", "\""));
    }

    @Test
    void whatIsForTestsOnlyIsNotTold() {
        assertThat(difference(
                List.of("SET a 1", "DEBUG POPULATE 3", "DEBUG POPULATE 1 a", "INCR a", "DEBUG OBJECT a"))).isNull();
    }

    @Test
    void whatATestWantsToldIsToldAsItIs() {
        assertThat(difference(List.of(
                "SET a 1", "DEBUG REPLICATE no-command-1 \"\" 2", "SELECT 3", "DEBUG REPLICATE SET b 2", "SET c 3",
                "DEBUG REPLICATE x", "SET d 4", "DEBUG REPLICATE"))).isNull();
    }

    @Test
    void lazyRemovalsAreToldAsByRedisServer() {
        assertThat(difference(List.of(
                "CONFIG SET lazyfree-lazy-expire yes", "CONFIG SET lazyfree-lazy-server-del yes",
                "SET a v PXAT 1", "GET a", "SET a v", "EXPIRE a -1", "SET a v", "GETEX a PXAT 1", "SET a v", "GETDEL a",
                "SET a v", "SET b v", "RENAME a b", "DEL b"))).isNull();
    }

    @Test
    void aKeyRestoredTooLateIsToldAsRemoved() {
        List<String> requests =
                List.of("SET a v", "RESTORE a 1 " + payload + " ABSTTL REPLACE", "RESTORE b 1 " + payload + " ABSTTL");
        assertThat(difference(requests)).isNull();
        // as 7.4 does; 7.0 does not look at the directive here
        granary.ask("CONFIG SET lazyfree-lazy-server-del yes");
        requests.forEach(granary::ask);
        granary.ask("SET " + END + " told");
        assertThat(granary.stream.upTo(END, "told")).containsExactly(List.of("SET", "a", "v"), List.of("UNLINK", "a"));
    }

    @Test
    void transactionsAreToldAsByRedisServer() {
        assertThat(difference(List.of(
                "SET old v PXAT 1", "WATCH old", "MULTI", "SET a 1", "EXEC",
                "MULTI", "SELECT 3", "SET a 1", "SELECT 0", "EXEC", "MULTI", "GET old", "EXEC", "MULTI", "SELECT 5", "EXEC",
                "SET a 2", "MULTI", "FLUSHALL", "EXEC", "MULTI", "SWAPDB 0 5", "INCR n", "FLUSHDB", "EXEC"))).isNull();
    }

    /** How the streams differ, or null. */
    private String difference(List<String> requests) {
        String mark = Integer.toString(ends++);
        for (Side each : List.of(redis, granary)) {
            each.ask("DISCARD");
            each.ask("SELECT 0");
            each.ask("FLUSHALL");
            requests.forEach(each::ask);
            each.ask("DISCARD");
            each.ask("SET " + END + " " + mark);
        }
        List<List<String>> expected = Propagation.normal(redis.stream.upTo(END, mark));
        List<List<String>> received = Propagation.normal(granary.stream.upTo(END, mark));
        return Propagation.same(expected, received)
                ? null : "redis-server: " + text(expected) + "\nhere:         " + text(received);
    }

    private static String text(List<List<String>> stream) {
        return stream.stream().map(words -> String.join(" ", words)).collect(Collectors.joining("; "));
    }
}
