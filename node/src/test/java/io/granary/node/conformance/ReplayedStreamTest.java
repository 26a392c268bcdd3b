package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.resp.CliText;
import io.granary.resp.Frame;
import io.granary.slots.transcript.CommandLine;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.Conversation;
import io.granary.slots.transcript.InProcess;
import io.granary.slots.transcript.ReplicaStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Clients on several event loops change the same keys in ways that depend on the order, while keys expire and are evicted
 * and all of them are flushed now and then. Whoever repeats the stream in its order, one request after the other, has the
 * same data in the end.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReplayedStreamTest {

    private static final int CLIENTS = 4;
    private static final int ROUNDS = 300;
    private static final int PIPELINE = 20;
    private static final String END = "the-end";
    private static final Pattern EXPIRING = Pattern.compile("expires=[1-9]");
    private static final Pattern EVICTED = Pattern.compile("evicted_keys:(\\d+)");

    @ParameterizedTest
    @CsvSource({"1, false, 0", "2, true, 0", "3, true, 0", "4, false, 4", "5, true, 4"})
    void theStreamLeadsToTheSameData(long seed, boolean clustered, int memoryMegabytes) throws Exception {
        String[] directives = {
            "--io-threads", "3", "--cluster-enabled", clustered ? "yes" : "no", "--repl-diskless-sync-delay", "0",
            "--maxmemory", memoryMegabytes + "mb", "--maxmemory-policy", "allkeys-random"
        };
        try (TestNode node = TestNode.startExpiring(directives);
                Connection operator = node.connect();
                InProcess replica = new InProcess(clustered, 1)) {
            if (clustered) {
                operator.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
                await().until(() -> operator.ask("CLUSTER", "INFO").text().contains("cluster_state:ok"));
            }
            try (ReplicaStream stream = ReplicaStream.of(node.port())) {
                runClients(node, seed, clustered, memoryMegabytes > 0 ? 800_000 : 4_000);
                operator.ask("CONFIG", "SET", "maxmemory", "0");
                assertThat(evicted(operator) > 0).as("some keys were evicted").isEqualTo(memoryMegabytes > 0);
                await().until(() -> EXPIRING.matcher(operator.ask("INFO", "keyspace").text()).results().findAny().isEmpty());
                Map<String, String> expected = data(operator, clustered);
                operator.ask("SET", END, "1");
                replay(stream.upTo(END, "1"), replica);
                assertThat(data(replica, clustered)).as("seed " + seed).isEqualTo(expected);
                assertThat(node.log()).doesNotContain("BUG REPORT");
            }
        }
    }

    private static long evicted(Connection operator) {
        Matcher figure = EVICTED.matcher(operator.ask("INFO", "stats").text());
        return figure.find() ? Long.parseLong(figure.group(1)) : -1;
    }

    private static void runClients(TestNode node, long seed, boolean clustered, int longest) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed * CLIENTS + i);
                clients.add(threads.submit(() -> {
                    try (Connection client = node.connect()) {
                        for (int round = 0; round < ROUNDS; round++) {
                            client.askAll(pipeline(random, clustered, longest));
                        }
                    }
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
    }

    private static List<List<byte[]>> pipeline(Random random, boolean clustered, int longest) {
        List<List<byte[]>> requests = new ArrayList<>();
        while (requests.size() < PIPELINE) {
            String tag = "{" + random.nextInt(6) + "}";
            if (random.nextInt(8) == 0) {
                requests.add(CommandLine.split("MULTI"));
                for (int i = random.nextInt(4); i >= 0; i--) {
                    requests.add(CommandLine.split(request(random, tag, clustered, longest)));
                }
                requests.add(CommandLine.split("EXEC"));
            } else {
                requests.add(CommandLine.split(request(random, tag, clustered, longest)));
            }
        }
        return requests;
    }

    private static String request(Random random, String tag, boolean clustered, int longest) {
        String key = tag + random.nextInt(4);
        String other = tag + random.nextInt(4);
        return switch (random.nextInt(20)) {
            case 0, 1 -> "SET " + key + " " + random.nextInt(100);
            case 2, 3, 4 -> "INCRBY " + key + " " + random.nextInt(1000);
            case 5 -> "APPEND " + key + " " + random.nextInt(10);
            case 6 -> "SETRANGE " + key + " " + random.nextInt(longest) + " xyz";
            case 7 -> "INCRBYFLOAT " + key + " 0.1";
            case 8 -> "SET " + key + " " + random.nextInt(9) + " PX " + (1 + random.nextInt(20));
            case 9 -> "PEXPIRE " + key + " " + random.nextInt(30);
            case 10 -> "GETEX " + key + " PX " + (1 + random.nextInt(40));
            case 11 -> "PERSIST " + key;
            case 12 -> "GET " + key;
            case 13 -> "RENAME " + key + " " + other;
            case 14 -> "COPY " + key + " " + other + (clustered ? " REPLACE" : " DB " + random.nextInt(3) + " REPLACE");
            case 15 -> "GETDEL " + key;
            case 16 -> "DEL " + key + " " + other;
            case 17 -> "MSETNX " + key + " 1 " + other + " 2";
            case 18 -> clustered ? "SCAN 0" : "SELECT " + random.nextInt(3);
            default -> whole(random, clustered);
        };
    }

    private static String whole(Random random, boolean clustered) {
        return switch (random.nextInt(12)) {
            case 0 -> "FLUSHALL";
            case 1 -> "FLUSHDB ASYNC";
            case 2 -> clustered ? "RANDOMKEY" : "SWAPDB " + random.nextInt(3) + " " + random.nextInt(3);
            case 3 -> "RANDOMKEY";
            default -> "DBSIZE";
        };
    }

    /** Time stands still there, long ago: what expires, expires because the stream says so. */
    private static void replay(List<List<String>> requests, InProcess replica) {
        for (List<String> request : requests) {
            if (!List.of("MULTI", "EXEC").contains(request.getFirst())) {
                Frame reply = replica.ask(request.stream().map(each -> each.getBytes(StandardCharsets.ISO_8859_1)).toList());
                assertThat(reply.isError()).as(() -> request + ": " + CliText.of(reply)).isFalse();
            }
        }
    }

    private static Map<String, String> data(Conversation server, boolean clustered) {
        Map<String, String> data = new TreeMap<>();
        for (int database = 0; database < (clustered ? 1 : 3); database++) {
            server.ask(CommandLine.split("SELECT " + database));
            for (int tag = 0; tag < 6; tag++) {
                for (int i = 0; i < 4; i++) {
                    String key = "{" + tag + "}" + i;
                    String value = CliText.of(server.ask(CommandLine.split("GET " + key)));
                    String expiry = CliText.of(server.ask(CommandLine.split("PEXPIRETIME " + key)));
                    data.put(database + " " + key, value + " " + expiry);
                }
            }
        }
        return data;
    }
}
