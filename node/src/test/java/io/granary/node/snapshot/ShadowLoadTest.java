package io.granary.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.persistence.rdb.RdbException;
import io.granary.persistence.rdb.RdbReader;
import io.granary.slots.keyspace.KeyState;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is loaded beside the data takes its place as a whole, or leaves it as it was. */
class ShadowLoadTest {

    private static void fill(Data data, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            String value = random.nextBoolean() ? Integer.toString(random.nextInt()) : "text ".repeat(random.nextInt(60));
            data.put(random.nextInt(data.keyspace.databases()), "k" + random.nextInt(count), value,
                    random.nextInt(3) == 0 ? 4_000_000_000_000L + i : Data.NO_EXPIRY);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theNewDataTakesThePlaceOfTheOld(boolean clustered) throws IOException {
        try (Data source = new Data(clustered); Data data = new Data(clustered)) {
            for (long seed = 1; seed <= 5; seed++) {
                fill(source, seed, 5000);
                fill(data, seed + 100, 3000);
                LoadedRdb loaded = data.load(source.rdb());
                assertThat(data.content()).as("seed %d", seed).isEqualTo(source.content());
                for (int database = 0; database < data.keyspace.databases(); database++) {
                    assertThat(data.keyspace.size(database)).isEqualTo(source.keyspace.size(database));
                    assertThat(data.keyspace.expiring(database)).isEqualTo(source.keyspace.expiring(database));
                }
                assertThat(loaded.keys()).isEqualTo(source.content().size());
                assertThat(data.keyspace.stats().toFree()).as("keys left to free").isPositive();
            }
            data.usedBytes();
            assertThat(data.keyspace.stats().toFree()).isZero();
            data.keyspace.flush(-1);
            assertThat(data.usedBytes()).isZero();
            assertThat(source.allocator.metric().usedDirectMemory()).isZero();
        }
    }

    /** Every beginning of an RDB, and an RDB with any bit flipped. */
    @Test
    void aBrokenOneLeavesTheOldDataAndNothingElse() throws IOException {
        try (Data source = new Data(false); Data data = new Data(false)) {
            fill(source, 1, 12);
            fill(data, 2, 50);
            byte[] rdb = source.rdb();
            Map<String, String> before = data.content();
            long usedBefore = data.usedBytes();
            for (int length = 0; length < rdb.length; length++) {
                refused(data, Arrays.copyOf(rdb, length), "the first " + length + " bytes");
            }
            int taken = 0;
            for (int bit = 0; bit < rdb.length * Byte.SIZE; bit++) {
                byte[] flipped = rdb.clone();
                flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                // without the last eight bytes nothing tells: a checksum of zeros is none
                refused(data, flipped, "bit " + bit + " flipped");
                taken++;
            }
            assertThat(taken).isGreaterThan(1000);
            assertThat(data.content()).isEqualTo(before);
            assertThat(data.usedBytes()).isEqualTo(usedBefore);
        }
    }

    private static void refused(Data data, byte[] rdb, String what) {
        assertThatThrownBy(() -> data.load(rdb)).as(what).isInstanceOfSatisfying(
                RdbException.class, refusal -> assertThat(refusal.reason()).isNotBlank());
    }

    @Test
    void aKeyThatComesTwiceIsRefused() throws IOException {
        try (Data source = new Data(false)) {
            source.put(0, "a", "1", Data.NO_EXPIRY);
            byte[] once = source.rdb();
            // type 0, length 1, 'a', an integer of 8 bits: five bytes, and the end with its checksum behind them
            byte[] record = Arrays.copyOfRange(once, once.length - 14, once.length - 9);
            byte[] twice = Arrays.copyOf(once, once.length + record.length);
            System.arraycopy(record, 0, twice, once.length - 9, record.length);
            System.arraycopy(once, once.length - 9, twice, twice.length - 9, 1);
            Arrays.fill(twice, twice.length - 8, twice.length, (byte) 0);
            assertThatThrownBy(() -> source.load(twice)).hasMessageContaining("holds a key of database 0 twice");
        }
    }

    @Test
    void whoeverWatchesAKeyHearsOfTheSwap() throws IOException {
        try (Data source = new Data(false); Data data = new Data(false)) {
            source.put(1, "new", "1", Data.NO_EXPIRY);
            data.put(0, "old", "1", Data.NO_EXPIRY);
            List<String> heard = new ArrayList<>();
            watch(data, 0, "old", heard);
            watch(data, 1, "new", heard);
            watch(data, 0, "neither", heard);
            data.load(source.rdb());
            assertThat(heard).containsExactlyInAnyOrder("old LIVE ABSENT", "new ABSENT LIVE");
            data.put(0, "old", "2", Data.NO_EXPIRY);
            assertThat(heard).as("it watches on").hasSize(3);
        }
    }

    private static void watch(Data data, int database, String key, List<String> heard) {
        data.keyspace.store(database, 0).watch(key.getBytes(),
                (KeyState before, KeyState after) -> heard.add(key + " " + before + " " + after));
    }

    /** A snapshot that is under way goes on with the data of its cut. */
    @Test
    void aSnapshotSeesWhatWasThereBefore() throws IOException {
        try (Data source = new Data(false); Data data = new Data(false)) {
            fill(source, 3, 200);
            fill(data, 4, 2000);
            Map<String, String> before = data.content();
            byte[] next = source.rdb();
            Data.Gathering sink = new Data.Gathering() {
                private boolean swapped;

                @Override
                public void chunk(ByteBuf chunk) throws IOException, InterruptedException {
                    super.chunk(chunk);
                    if (!swapped) {
                        swapped = true;
                        data.load(next);
                        data.put(0, "later", "1", Data.NO_EXPIRY);
                    }
                }
            };
            new RdbStream(data.services, RdbForm.FILE).run(() -> null, sink);
            assertThat(sink.failure).isNull();
            assertThat(data.content()).hasSize(source.content().size() + 1);
            try (Data copy = new Data(false)) {
                copy.load(sink.bytes.toByteArray());
                assertThat(copy.content()).isEqualTo(before);
            }
            data.keyspace.flush(-1);
            assertThat(data.usedBytes()).isZero();
        }
    }

    @Test
    void aPrimaryLeavesOutWhatHasExpiredAndAReplicaKeepsIt() throws IOException {
        try (Data source = new Data(false); Data data = new Data(false)) {
            source.put(0, "gone", "1", 1000);
            source.put(0, "here", "1", 4_000_000_000_000L);
            byte[] rdb = source.rdb();
            assertThat(data.load(rdb).keys()).isEqualTo(2);
            try (ShadowLoad load = new ShadowLoad(data.services, false, (_, _) -> { })) {
                LoadedRdb loaded = load.load(Channels.newChannel(new ByteArrayInputStream(rdb)), RdbReader.UNKNOWN_LENGTH);
                assertThat(loaded.keys()).isEqualTo(1);
                assertThat(loaded.expired()).isEqualTo(1);
            }
        }
    }
}
