package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands and transactions of several threads do not see each other's halves, nor wait for each other forever. */
@Timeout(60)
class IsolationTest {

    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(1_200);
    private static final int ACCOUNTS = 6;
    private static final int BANKS = 3;
    private static final int BALANCE = 1_000;

    private static String account(int bank, int account) {
        return "{bank" + bank + "}" + account;
    }

    private static String[] accounts(int bank, String command) {
        String[] request = new String[ACCOUNTS + 1];
        request[0] = command;
        for (int i = 0; i < ACCOUNTS; i++) {
            request[i + 1] = account(bank, i);
        }
        return request;
    }

    private static long act(int role, Wire client, Random random) {
        if (role < 4) {
            return transfer(client, random);
        }
        return role < 6 ? audit(client, random) : disturb(client, random);
    }

    /** Moves money between two accounts of a bank, with and without watching them. */
    private static long transfer(Wire client, Random random) {
        int bank = random.nextInt(BANKS);
        String from = account(bank, random.nextInt(ACCOUNTS));
        String to = account(bank, random.nextInt(ACCOUNTS));
        String amount = Integer.toString(random.nextInt(50));
        boolean watching = random.nextBoolean();
        if (watching) {
            client.ask("WATCH", from, to);
            client.ask("GET", from);
        }
        client.request("MULTI").request("DECRBY", from, amount).request("INCRBY", to, amount);
        if (random.nextInt(20) == 0) {
            client.request("DBSIZE");
        }
        client.request("EXEC");
        String reply = client.reply();
        while (reply.equals("OK") || reply.equals("QUEUED")) {
            reply = client.reply();
        }
        assertThat(reply).matches("(?s)\\(nil\\)|1\\) \\(integer\\).*");
        return reply.equals("(nil)") ? 0 : 1;
    }

    /** Looks at all accounts of a bank at once. */
    private static long audit(Wire client, Random random) {
        String[] request = accounts(random.nextInt(BANKS), "MGET");
        client.request(request);
        long sum = client.frame().items().stream().mapToLong(item -> Long.parseLong(item.text())).sum();
        assertThat(sum).isEqualTo(ACCOUNTS * BALANCE);
        return 1;
    }

    /** What an operator does meanwhile, and what walks over all keys. */
    private static long disturb(Wire client, Random random) {
        switch (random.nextInt(10)) {
            case 0 -> assertThat(client.ask("DBSIZE")).isEqualTo("(integer) " + ACCOUNTS * BANKS);
            case 1 -> {
                client.request("KEYS", "*");
                assertThat(client.frame().items()).hasSize(ACCOUNTS * BANKS);
            }
            case 2 -> assertThat(client.ask("RANDOMKEY")).startsWith("\"{bank");
            case 3 -> client.ask("CLIENT", "LIST");
            case 4 -> client.ask("INFO", "everything");
            case 5 -> client.ask("CLIENT", "PAUSE", "1", "WRITE");
            case 6 -> client.ask("CONFIG", "SET", "maxmemory-policy", random.nextBoolean() ? "allkeys-lfu" : "noeviction");
            case 7 -> client.ask("CONFIG", "RESETSTAT");
            case 8 -> {
                client.ask("MULTI");
                client.ask("KEYS", "*");
                client.ask("INCRBY", account(random.nextInt(BANKS), 0), "0");
                assertThat(client.ask("EXEC")).contains("{bank0}0");
            }
            default -> client.ask("SCAN", "0", "COUNT", "100");
        }
        return 1;
    }

    @ParameterizedTest
    @ValueSource(strings = {"no", "yes"})
    void moneyIsNeitherMadeNorLost(String clustered) throws Exception {
        long seed = System.nanoTime();
        String threads = "3";
        try (LiveServer node = clustered.equals("yes") ? LiveServer.Kind.GRANARY.startOwningAllSlots("--io-threads", threads)
                : TestNode.start("--io-threads", threads); Wire setUp = Wire.to(node)) {
            for (int bank = 0; bank < BANKS; bank++) {
                for (int i = 0; i < ACCOUNTS; i++) {
                    setUp.ask("SET", account(bank, i), Integer.toString(BALANCE));
                }
            }
            long end = System.nanoTime() + NANOS;
            List<Callable<Long>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Random random = new Random(seed + i);
                int role = i;
                tasks.add(() -> {
                    long done = 0;
                    try (Wire client = Wire.to(node)) {
                        while (System.nanoTime() < end || done == 0) {
                            done += act(role, client, random);
                        }
                    }
                    return done;
                });
            }
            try (ExecutorService pool = Executors.newFixedThreadPool(tasks.size())) {
                for (Future<Long> done : pool.invokeAll(tasks)) {
                    assertThat(done.get()).as("seed " + seed).isPositive();
                }
            }
            for (int bank = 0; bank < BANKS; bank++) {
                setUp.request(accounts(bank, "MGET"));
                assertThat(setUp.frame().items().stream().mapToLong(item -> Long.parseLong(item.text())).sum())
                        .as("seed " + seed).isEqualTo(ACCOUNTS * BALANCE);
            }
        }
    }
}
