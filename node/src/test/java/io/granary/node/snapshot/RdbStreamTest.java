package io.granary.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot's RDB shows all data as it was at one moment, whatever happens meanwhile. */
@Timeout(60)
class RdbStreamTest {

    private static final int KEYS = 4000;
    private static final int WRITERS = 2;
    private static final int SEEDS = 6;

    /** Goes round its keys, giving each the number of the round: at any moment the later ones are at most one behind. */
    private static void write(Data data, int writer, CountDownLatch begun, boolean[] stop) {
        for (int round = 1; !stop[0]; round++) {
            for (int i = 0; i < KEYS && !stop[0]; i++) {
                data.put(0, key(writer, i), value(round, i), round % 3 == 0 ? 4_000_000_000_000L : Data.NO_EXPIRY);
            }
            if (round == 1) {
                begun.countDown();
            }
        }
    }

    private static String key(int writer, int i) {
        return "w" + writer + "-" + i;
    }

    private static String value(int round, int i) {
        return round + " " + "x".repeat(i % 200 == 0 ? 40_000 : i % 90);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itIsOfOneMoment(boolean clustered) throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (Data data = new Data(clustered); Data copy = new Data(clustered)) {
                boolean[] stop = new boolean[1];
                CountDownLatch begun = new CountDownLatch(WRITERS);
                Thread[] writers = new Thread[WRITERS];
                for (int w = 0; w < WRITERS; w++) {
                    int writer = w;
                    writers[w] = Thread.ofPlatform().start(() -> write(data, writer, begun, stop));
                }
                begun.await();
                Data.Gathering sink = slow(random);
                new RdbStream(data.services, RdbForm.FILE).run(() -> null, sink);
                stop[0] = true;
                for (Thread writer : writers) {
                    writer.join();
                }
                assertThat(sink.failure).isNull();
                copy.load(sink.bytes.toByteArray());
                oneMoment(copy.content(), "seed " + seed);
                data.keyspace.flush(-1);
                assertThat(data.usedBytes()).isZero();
                assertThat(data.allocator.metric().usedDirectMemory()).isZero();
            }
        }
    }

    /** A sink that is busy now and then, so that writers come before the walk. */
    private static Data.Gathering slow(SplittableRandom random) {
        return new Data.Gathering() {
            @Override
            public void chunk(ByteBuf chunk) throws IOException, InterruptedException {
                super.chunk(chunk);
                TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
            }
        };
    }

    private static void oneMoment(Map<String, String> content, String seed) {
        assertThat(content).as(seed).hasSize(WRITERS * KEYS);
        Map<String, String> byKey = new HashMap<>();
        content.forEach((name, value) -> byKey.put(name.substring(2, name.indexOf(" until ")), value));
        for (int w = 0; w < WRITERS; w++) {
            int first = round(byKey, w, 0);
            int before = first;
            for (int i = 0; i < KEYS; i++) {
                int round = round(byKey, w, i);
                assertThat(round).as("%s writer %d key %d", seed, w, i).isBetween(first - 1, before);
                assertThat(byKey.get(key(w, i))).isEqualTo(value(round, i));
                before = round;
            }
        }
    }

    private static int round(Map<String, String> byKey, int writer, int i) {
        String value = byKey.get(key(writer, i));
        return Integer.parseInt(value.substring(0, value.indexOf(' ')));
    }

    @Test
    void itTellsWhereTheHistoryStood() throws IOException {
        try (Data data = new Data(false)) {
            data.put(2, "a", "1", Data.NO_EXPIRY);
            ReplicationPoint point = new ReplicationPoint("0123456789".repeat(4), 77, 2);
            Data.Gathering sink = new Data.Gathering();
            new RdbStream(data.services, RdbForm.REPLICA).run(() -> point, sink);
            LoadedRdb loaded = data.load(sink.bytes.toByteArray());
            assertThat(loaded.replication()).isEqualTo(point);
            assertThat(loaded.producer()).isEqualTo("7.4.1");
            assertThat(loaded.keys()).isEqualTo(1);
        }
    }

    @Test
    void oneWithoutDataHoldsNoKey() throws IOException {
        try (Data data = new Data(false)) {
            data.put(0, "a", "1", Data.NO_EXPIRY);
            Data.Gathering sink = new Data.Gathering();
            new RdbStream(data.services, new RdbForm(10, false)).run(() -> null, sink);
            assertThat(data.load(sink.bytes.toByteArray()).keys()).isZero();
        }
    }

    @Test
    void whatTheSinkThrowsEndsIt() {
        try (Data data = new Data(false)) {
            data.put(0, "a", "1", Data.NO_EXPIRY);
            Data.Gathering sink = new Data.Gathering() {
                @Override
                public void done() {
                    throw new IllegalStateException("no");
                }
            };
            new RdbStream(data.services, RdbForm.FILE).run(() -> null, sink);
            assertThat(sink.failure).hasMessage("no");
            assertThat(new String(data.rdb())).startsWith("REDIS0011");
        }
    }

    /** It is given up while the sink waits for a peer that never reads. */
    @Test
    void itCanBeGivenUp() throws Exception {
        try (Data data = new Data(false); Snapshots snapshots = new Snapshots(data.services)) {
            for (int i = 0; i < 5000; i++) {
                data.put(0, "k" + i, "v".repeat(i % 100), Data.NO_EXPIRY);
            }
            CountDownLatch waiting = new CountDownLatch(1);
            Data.Gathering sink = new Data.Gathering() {
                @Override
                public void chunk(ByteBuf chunk) throws InterruptedException {
                    chunk.release();
                    waiting.countDown();
                    new CountDownLatch(1).await();
                }
            };
            CountDownLatch ended = new CountDownLatch(1);
            snapshots.onEnd(ended::countDown);
            RdbStream stream = snapshots.stream(RdbForm.REPLICA, () -> null, sink).orElseThrow();
            assertThat(snapshots.running()).isTrue();
            assertThat(snapshots.stream(RdbForm.REPLICA, () -> null, sink)).isEmpty();
            waiting.await();
            stream.abort();
            ended.await();
            assertThat(sink.failure).isInstanceOf(InterruptedException.class);
            assertThat(snapshots.running()).isFalse();
            data.keyspace.flush(-1);
            assertThat(data.usedBytes()).isZero();
            assertThat(data.allocator.metric().usedDirectMemory()).isZero();
        }
    }

    @Test
    void aCutThatFailsLeavesNothingBehind() {
        try (Data data = new Data(false)) {
            data.put(0, "a", "1", Data.NO_EXPIRY);
            Data.Gathering sink = new Data.Gathering();
            new RdbStream(data.services, RdbForm.FILE).run(() -> {
                throw new IllegalStateException("no history");
            }, sink);
            assertThat(sink.failure).hasMessage("no history");
            assertThat(data.rdb()).isNotEmpty();
        }
    }
}
