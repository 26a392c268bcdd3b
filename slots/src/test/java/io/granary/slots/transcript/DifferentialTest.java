package io.granary.slots.transcript;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.CliText;
import io.granary.resp.Frame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random requests get the same replies and leave the same data here and in redis-server. */
class DifferentialTest {

    private static final int SEEDS = Integer.getInteger("granary.seeds", 150);
    private static final long FIRST_SEED = Long.getLong("granary.seed", 1);
    private static final int REQUESTS = 120;

    @Test
    void randomRequestsAreAnsweredAsByRedisServer() {
        assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
        try (RedisServer server = RedisServer.start();
                InProcess granary = new InProcess(false, System.currentTimeMillis())) {
            Connection redis = server.connection();
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
                List<String> requests = new RandomCommands(seed).next(REQUESTS);
                if (difference(requests, redis, granary) != null) {
                    List<String> shrunk = Shrinking.of(requests, less -> difference(less, redis, granary) != null);
                    fail("seed " + seed + ":\n> " + String.join("\n> ", shrunk) + "\n" + difference(shrunk, redis, granary));
                }
            }
        }
    }

    /** How the replies or the data differ, or null. */
    private static String difference(List<String> requests, Connection redis, InProcess granary) {
        for (Conversation server : List.of(redis, granary)) {
            server.ask(CommandLine.split("SELECT 0"));
            server.ask(CommandLine.split("FLUSHALL"));
        }
        List<String> all = new ArrayList<>(requests);
        for (int database = 0; database < 2; database++) {
            all.add("SELECT " + database);
            all.add("KEYS *");
            for (String key : List.of("a", "b", "c", "d", "e")) {
                all.addAll(List.of("GET " + key, "PEXPIRETIME " + key, "OBJECT ENCODING " + key));
            }
        }
        for (String request : all) {
            String expected = ask(redis, request);
            String received = ask(granary, request);
            if (!expected.equals(received)) {
                return "> " + request + "\nredis-server: " + expected + "\nhere:         " + received;
            }
        }
        return null;
    }

    private static String ask(Conversation server, String request) {
        Frame reply = server.ask(CommandLine.split(request));
        if (request.startsWith("KEYS ") && !reply.isError()) {
            return reply.items().stream().map(CliText::of).sorted().toList().toString();
        }
        return CliText.of(reply);
    }
}
