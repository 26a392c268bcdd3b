package io.granary.node.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import io.granary.slots.transcript.Shrinking;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random requests of several clients, transactions among them, get the same replies from a node and from redis-server. */
class SeveralClientsDifferentialTest {

    private static final int SEEDS = Integer.getInteger("granary.seeds", 60);
    private static final long FIRST_SEED = Long.getLong("granary.seed", 1);
    private static final int CLIENTS = 3;
    private static final int REQUESTS = 100;

    /** A request and the client that sends it. */
    private record Step(int client, String request) {

        @Override
        public String toString() {
            return client + "> " + request;
        }
    }

    /** A server and its clients. */
    private static final class Side implements AutoCloseable {
        private final LiveServer server;
        private final List<Wire> clients = new ArrayList<>();

        Side(LiveServer server) {
            this.server = server;
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(Wire.to(server));
            }
        }

        String ask(Step step) {
            return clients.get(step.client()).ask(step.request().split(" "));
        }

        void reset() {
            for (Wire client : clients) {
                client.ask("RESET");
            }
            clients.getFirst().ask("FLUSHALL");
        }

        @Override
        public void close() {
            clients.forEach(Wire::close);
            server.close();
        }
    }

    private static List<Step> steps(long seed, boolean clustered) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        while (steps.size() < REQUESTS) {
            int client = random.nextInt(CLIENTS);
            // several in a row, so that transactions come to their end
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                steps.add(new Step(client, request(random, clustered)));
            }
        }
        return steps;
    }

    private static String key(Random random) {
        return List.of("a", "b", "{a}c").get(random.nextInt(3));
    }

    private static String request(Random random, boolean clustered) {
        String key = key(random);
        return switch (random.nextInt(clustered ? 26 : 30)) {
            case 0, 1, 2 -> "MULTI";
            case 3, 4, 5, 6 -> "EXEC";
            case 7 -> "DISCARD";
            case 8, 9, 10 -> "WATCH " + key;
            case 11 -> "WATCH " + key + " " + key(random);
            case 12 -> "UNWATCH";
            case 13 -> "SET " + key + " " + random.nextInt(3);
            case 14 -> "INCR " + key;
            case 15 -> "APPEND " + key + " x";
            case 16 -> "DEL " + key + " " + key(random);
            case 17 -> "GET " + key;
            case 18 -> "MGET " + key + " " + key(random);
            case 19 -> "SET " + key + " v "
                    + List.of("NX", "XX", "GET", "PXAT 1", "EXAT 9999999999", "NOSUCH").get(random.nextInt(6));
            case 20 -> List.of("EXPIRE " + key + " -1", "EXPIREAT " + key + " 9999999999", "EXPIRE " + key + " x")
                    .get(random.nextInt(3));
            case 21 -> "RENAME " + key + " " + key(random);
            case 22 -> List.of("FLUSHALL", "FLUSHDB", "DBSIZE", "PING", "NOSUCH", "GET", "PERSIST " + key)
                    .get(random.nextInt(7));
            case 23 -> "MSETNX " + key + " 1 " + key(random) + " 2";
            case 24 -> "EXPIRETIME " + key; // not TTL: time may pass between the servers
            case 25 -> List.of("RESET", "CLIENT GETNAME", "CLIENT SETNAME n" + random.nextInt(3), "TYPE " + key,
                    "OBJECT ENCODING " + key, "ECHO x").get(random.nextInt(6));
            case 26 -> "SELECT " + random.nextInt(2);
            case 27 -> "SWAPDB 0 1";
            case 28 -> "MOVE " + key + " " + random.nextInt(2);
            default -> "COPY " + key + " " + key(random) + " DB " + random.nextInt(2)
                    + (random.nextBoolean() ? " REPLACE" : "");
        };
    }

    private static String difference(List<Step> steps, Side redis, Side granary) {
        redis.reset();
        granary.reset();
        for (Step step : steps) {
            String expected = redis.ask(step);
            String received = granary.ask(step);
            if (!expected.equals(received)) {
                return step + "\nredis-server: " + expected + "\nhere:         " + received;
            }
        }
        return null;
    }

    private static void compare(Side redis, Side granary, boolean clustered) {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            List<Step> steps = steps(seed, clustered);
            if (difference(steps, redis, granary) != null) {
                List<Step> shrunk = Shrinking.of(steps, less -> difference(less, redis, granary) != null);
                fail("seed " + seed + ":\n" + String.join("\n", shrunk.stream().map(Step::toString).toList()) + "\n\n"
                        + difference(shrunk, redis, granary));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void alone(String threads) {
        try (Side redis = new Side(LiveServer.Kind.REDIS.start());
                Side granary = new Side(LiveServer.Kind.GRANARY.start("--io-threads", threads))) {
            compare(redis, granary, false);
        }
    }

    @Test
    void inACluster() {
        try (Side redis = new Side(LiveServer.Kind.REDIS.startOwningAllSlots());
                Side granary = new Side(LiveServer.Kind.GRANARY.startOwningAllSlots())) {
            compare(redis, granary, true);
        }
    }
}
