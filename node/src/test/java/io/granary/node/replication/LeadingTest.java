package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer.Kind;
import io.granary.node.conformance.Patience;
import io.granary.slots.transcript.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replicas of either kind behind a primary of ours that is written to by several clients at once. */
@ExtendWith(Patience.class)
class LeadingTest {

    private static final int WRITERS = 3;
    private static final int WRITES = 4_000;
    private static final int KEYS = 300;
    private static final String FAR = "32503680000000";

    /** One client's writes; where slots are locked apart, those of the clients meet in the log. */
    private static void write(Connection client, Random random, int count) {
        for (int i = 0; i < count; i++) {
            String key = "key:" + random.nextInt(KEYS);
            switch (random.nextInt(9)) {
                case 0 -> client.ask("SET", key, Integer.toString(random.nextInt(1000)));
                case 1 -> client.ask("INCR", key);
                case 2 -> client.ask("APPEND", key, Integer.toString(random.nextInt(10)));
                case 3 -> client.ask("DEL", key);
                case 4 -> client.ask("PEXPIREAT", key, FAR);
                case 5 -> client.ask("SET", key, "v".repeat(random.nextInt(3_000)), "EX", "100000");
                case 6 -> client.ask("INCRBYFLOAT", "float:" + random.nextInt(KEYS), "0.1");
                case 7 -> client.ask("MSET", "{" + key + "}a", "1", "{" + key + "}b", "2");
                default -> {
                    client.ask("MULTI");
                    client.ask("INCR", "{n" + key + "}");
                    client.ask("GETDEL", "{n" + key + "}x");
                    client.ask("INCR", "{n" + key + "}x");
                    client.ask("EXEC");
                }
            }
        }
    }

    private static List<Future<?>> write(ExecutorService threads, Peer primary, long seed) {
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Random random = new Random(seed + i);
            writers.add(threads.submit((Callable<Void>) () -> {
                try (Connection client = Connection.to(primary.port())) {
                    write(client, random, WRITES);
                }
                return null;
            }));
        }
        return writers;
    }

    private static void assertSame(long seed, Peer primary, Peer replica) {
        replica.awaitSame(primary);
        if (!replica.text("DEBUG", "DIGEST").equals(primary.text("DEBUG", "DIGEST"))) {
            assertThat(replica.data()).as("seed " + seed).isEqualTo(primary.data());
        }
        assertThat(replica.text("DEBUG", "DIGEST")).as("seed " + seed).isEqualTo(primary.text("DEBUG", "DIGEST"));
    }

    @ParameterizedTest
    @CsvSource({"REDIS, no, yes", "REDIS, yes, no", "GRANARY, yes, yes"})
    void aReplicaThatAttachesUnderLoadAndLosesItsLinkHasTheSameData(Kind kind, String clustered, String diskless)
            throws InterruptedException, ExecutionException {
        long seed = new Random().nextLong();
        try (Peer primary = Peer.start(Kind.GRANARY, "--cluster-enabled", clustered, "--repl-diskless-sync", diskless,
                        "--repl-backlog-size", "64mb");
                CutCable cable = new CutCable(primary.port());
                Peer replica = Peer.start(kind);
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            if (clustered.equals("yes")) {
                primary.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
                await().until(() -> primary.text("CLUSTER", "INFO").contains("cluster_state:ok"));
            }
            primary.ask("DEBUG", "POPULATE", "20000");
            List<Future<?>> writers = write(threads, primary, seed);
            replica.follow(cable.port());
            replica.awaitLink();
            for (int cuts = 0; cuts < 3; cuts++) {
                long before = primary.count("sync_partial_ok");
                cable.cut();
                await().until(() -> primary.count("sync_partial_ok") > before && replica.linkIsUp());
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertSame(seed, primary, replica);
            assertThat(primary.count("sync_full")).as("seed " + seed).isEqualTo(1);
            assertThat(primary.count("sync_partial_err"))
                    .as("seed " + seed + ", it offers a history of its own first").isLessThan(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"yes", "no"})
    void severalReplicasThatAttachUnderLoadAreAllAlike(String diskless) throws InterruptedException, ExecutionException {
        long seed = new Random().nextLong();
        try (Peer primary = Peer.start(Kind.GRANARY, "--repl-diskless-sync", diskless);
                Peer one = Peer.start(Kind.REDIS);
                Peer two = Peer.start(Kind.REDIS);
                ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            primary.ask("DEBUG", "POPULATE", "20000");
            List<Future<?>> writers = write(threads, primary, seed);
            one.follow(primary.port());
            two.follow(primary.port());
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertSame(seed, primary, one);
            assertSame(seed, primary, two);
        }
    }
}
