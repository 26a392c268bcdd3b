package io.granary.slots.transcript;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Random requests are told to replicas as redis-server tells them. */
class PropagationDifferentialTest {

    private static final int SEEDS = Integer.getInteger("granary.seeds", 100);
    private static final long FIRST_SEED = Long.getLong("granary.seed", 1);
    private static final int REQUESTS = 150;
    private static final String END = "the-end";

    private int ends;

    @Test
    void randomRequestsAreToldAsByRedisServer() {
        assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
        try (RedisServer server = RedisServer.start("--repl-diskless-sync", "no", "--repl-ping-replica-period", "3600");
                ReplicaStream stream = ReplicaStream.of(server.port());
                InProcess granary = new InProcess(false, System.currentTimeMillis())) {
            granary.record();
            // from here on both streams are in the same database
            difference(List.of(), server, stream, granary);
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
                List<String> requests = new RandomWrites(seed, false, null).next(REQUESTS);
                if (difference(requests, server, stream, granary) != null) {
                    List<String> shrunk =
                            Shrinking.of(requests, less -> difference(less, server, stream, granary) != null);
                    fail("seed " + seed + ":\n> " + String.join("\n> ", shrunk) + "\n"
                            + difference(shrunk, server, stream, granary));
                }
            }
        }
    }

    /** How the streams differ, or null. */
    private String difference(List<String> requests, RedisServer server, ReplicaStream stream, InProcess granary) {
        String mark = Integer.toString(ends++);
        for (Conversation each : List.of(server.connection(), granary)) {
            each.ask(CommandLine.split("SELECT 0"));
            each.ask(CommandLine.split("FLUSHALL"));
            requests.forEach(request -> each.ask(CommandLine.split(request)));
            each.ask(CommandLine.split("SET " + END + " " + mark));
        }
        List<List<String>> expected = Propagation.normal(stream.upTo(END, mark));
        List<List<String>> told = granary.effects();
        List<List<String>> received = Propagation.normal(told.subList(0, told.size() - 1));
        return Propagation.same(expected, received)
                ? null : "redis-server: " + text(expected) + "\nhere:         " + text(received);
    }

    private static String text(List<List<String>> stream) {
        return stream.stream().map(words -> String.join(" ", words)).collect(Collectors.joining("; "));
    }
}
