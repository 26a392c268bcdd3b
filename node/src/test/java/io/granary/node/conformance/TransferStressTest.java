package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Clients on several event loops move amounts between accounts in every way that must be atomic, while others rename, swap
 * databases, walk, pause, kill and let things expire. Whatever happens, a group's accounts hold the same sum, at the end and
 * whenever somebody looks.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a node that is stuck cannot be stopped either
class TransferStressTest {

    private static final int CLIENTS = 6;
    private static final int GROUPS = 3;
    private static final int ACCOUNTS = 5;
    private static final int START = 100;
    private static final int ROUNDS = 400;
    private static final String SUM_REMAINS = "the sum of a group's accounts";

    private final AtomicLongArray clientIds = new AtomicLongArray(CLIENTS);
    private final AtomicInteger transfers = new AtomicInteger();
    private final AtomicInteger conflicts = new AtomicInteger();

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "3, true", "4, true"})
    void sumsRemain(long seed, boolean clustered) throws Exception {
        try (TestNode node = TestNode.startExpiring("--io-threads", "2", "--cluster-enabled", clustered ? "yes" : "no")) {
            try (Wire operator = Wire.to(node)) {
                if (clustered) {
                    operator.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
                    while (!operator.ask("CLUSTER", "INFO").contains("cluster_state:ok")) {
                        Thread.onSpinWait();
                    }
                }
                fill(operator, clustered ? 1 : 2);
            }
            runClients(node, seed, clustered);
            try (Wire operator = Wire.to(node)) {
                for (int database = 0; database < (clustered ? 1 : 2); database++) {
                    operator.ask("SELECT", Integer.toString(database));
                    for (int group = 0; group < GROUPS; group++) {
                        assertSum(operator, group, "seed " + seed);
                    }
                }
            }
            assertThat(transfers.get()).isGreaterThan(CLIENTS);
            assertThat(node.log()).doesNotContain("internal error", "Housekeeping failed");
        }
    }

    private static void fill(Wire operator, int databases) {
        for (int database = 0; database < databases; database++) {
            operator.ask("SELECT", Integer.toString(database));
            for (int group = 0; group < GROUPS; group++) {
                for (int account = 0; account < ACCOUNTS; account++) {
                    operator.ask("SET", key(group, account), Integer.toString(START));
                }
            }
        }
    }

    private void runClients(TestNode node, long seed, boolean clustered) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                Callable<Void> client = () -> {
                    new Client(node, number, new Random(seed * 100 + number), clustered).run();
                    return null;
                };
                clients.add(threads.submit(client));
            }
            for (Future<Void> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static String key(int group, int account) {
        return "{group" + group + "}:" + account;
    }

    private static void assertSum(Wire wire, int group, String when) {
        String[] request = new String[ACCOUNTS + 1];
        request[0] = "MGET";
        for (int account = 0; account < ACCOUNTS; account++) {
            request[account + 1] = key(group, account);
        }
        int sum = 0;
        Frame reply = wire.request(request).frame();
        for (Frame amount : ((Frame.Array) reply).items()) {
            assertThat(amount).as(when).isInstanceOf(Frame.Bulk.class);
            sum += Integer.parseInt(amount.text());
        }
        assertThat(sum).as(SUM_REMAINS + ", " + when).isEqualTo(ACCOUNTS * START);
    }

    /** One client, which comes back when another has killed it. */
    private final class Client {

        private final TestNode node;
        private final int number;
        private final Random random;
        private final boolean clustered;
        private Wire wire;

        Client(TestNode node, int number, Random random, boolean clustered) {
            this.node = node;
            this.number = number;
            this.random = random;
            this.clustered = clustered;
        }

        void run() {
            connect();
            for (int round = 0; round < ROUNDS; round++) {
                try {
                    round();
                } catch (UncheckedIOException _) {
                    wire.close();
                    connect();
                }
            }
            wire.close();
        }

        private void connect() {
            while (true) {
                try {
                    wire = Wire.to(node);
                    clientIds.set(number, Long.parseLong(wire.request("CLIENT", "ID").frame().text()));
                    return;
                } catch (UncheckedIOException _) {
                    wire.close();
                }
            }
        }

        private void round() {
            int group = random.nextInt(GROUPS);
            String from = key(group, random.nextInt(ACCOUNTS));
            String to = key(group, random.nextInt(ACCOUNTS));
            int dice = random.nextInt(100);
            if (dice < 40) {
                transferWatching(from, to);
            } else if (dice < 60) {
                transfer(from, to, Integer.toString(random.nextInt(20)));
            } else if (dice < 70) {
                rename(from, "{group" + group + "}:away" + number);
            } else if (dice < 80) {
                assertSum(wire, group, "client " + number);
            } else if (dice < 90) {
                noise(group);
            } else {
                disturb();
            }
        }

        private void transferWatching(String from, String to) {
            if (from.equals(to)) {
                return;
            }
            wire.request("WATCH", from, to).request("MGET", from, to);
            wire.frame();
            List<Frame> amounts = ((Frame.Array) wire.frame()).items();
            int moved = random.nextInt(20);
            wire.request("MULTI")
                    .request("SET", from, Integer.toString(Integer.parseInt(amounts.get(0).text()) - moved))
                    .request("SET", to, Integer.toString(Integer.parseInt(amounts.get(1).text()) + moved))
                    .request("EXEC");
            count(4);
        }

        private void transfer(String from, String to, String moved) {
            wire.request("MULTI").request("DECRBY", from, moved).request("INCRBY", to, moved);
            if (random.nextInt(10) == 0) {
                wire.request(random.nextBoolean() ? new String[] {"DBSIZE"} : new String[] {"KEYS", "*"}).request("EXEC");
                count(5);
            } else {
                wire.request("EXEC");
                count(4);
            }
        }

        private void count(int replies) {
            for (int i = 1; i < replies; i++) {
                assertThat(wire.frame().isError()).isFalse();
            }
            if (wire.frame() instanceof Frame.Array) {
                transfers.incrementAndGet();
            } else {
                conflicts.incrementAndGet();
            }
        }

        private void rename(String account, String away) {
            wire.request("MULTI").request("RENAME", account, away).request("INCRBY", away, "0")
                    .request("RENAME", away, account).request("EXEC");
            count(5);
        }

        /** Things that come and go beside the accounts. */
        private void noise(int group) {
            String key = "{group" + group + "}:noise" + random.nextInt(50);
            wire.request("SET", key, "x".repeat(random.nextInt(5_000)), "PX", Integer.toString(1 + random.nextInt(20)))
                    .request("GET", key).request("SCAN", "0", "COUNT", "100").request("RANDOMKEY").request("DBSIZE");
            for (int i = 0; i < 5; i++) {
                assertThat(wire.frame().isError()).isFalse();
            }
        }

        private void disturb() {
            switch (random.nextInt(clustered ? 5 : 8)) {
                case 0, 1 -> {
                    wire.ask("CLIENT", "PAUSE", "50", "WRITE");
                    wire.ask("CLIENT", "UNPAUSE");
                }
                case 2 -> wire.ask("CLIENT", "KILL", "ID", Long.toString(clientIds.get(random.nextInt(CLIENTS))));
                case 3 -> wire.ask("CLIENT", "LIST");
                case 4 -> wire.ask("INFO", "everything");
                case 5 -> {
                    wire.request("SELECT", "2").request("SET", "k", "v").request("FLUSHDB").request("SELECT", "0");
                    for (int i = 0; i < 4; i++) {
                        wire.frame();
                    }
                }
                case 6 -> wire.ask("SELECT", Integer.toString(random.nextInt(2)));
                default -> assertThat(wire.ask("SWAPDB", "0", "1")).isEqualTo("OK");
            }
        }
    }
}
