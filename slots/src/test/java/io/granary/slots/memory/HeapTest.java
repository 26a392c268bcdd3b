package io.granary.slots.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapTest {

    private final NativeMemory memory = NativeMemory.reserve(512 << 20, MemoryOptions.TEST);
    private final MemorySegment segment = memory.segment();

    @AfterEach
    void close() {
        memory.close();
    }

    private record Block(long offset, long bytes, byte mark) {}

    @Test
    void sizeClassesAreTightAndOrdered() {
        for (int bytes = 1; bytes <= SizeClasses.LARGEST; bytes++) {
            int sizeClass = SizeClasses.of(bytes);
            assertThat(SizeClasses.size(sizeClass)).isGreaterThanOrEqualTo(bytes);
            if (sizeClass > 1) {
                assertThat(SizeClasses.size(sizeClass - 1)).isLessThan(bytes);
            }
        }
        for (int i = 1; i < SizeClasses.COUNT; i++) {
            int slab = SizeClasses.slabPagesOf(i) * PageTable.PAGE_BYTES;
            assertThat(slab % SizeClasses.size(i)).isLessThanOrEqualTo(slab / 30);
            assertThat(SizeClasses.slabCells(i)).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void blocksNeverOverlapAndAllIsAccountedFor(long seed) {
        Random random = new Random(seed);
        Heap[] heaps = {new Heap(memory), new Heap(memory)};
        List<List<Block>> live = List.of(new ArrayList<>(), new ArrayList<>());
        TreeMap<Long, Long> taken = new TreeMap<>();
        for (int i = 0; i < 30_000; i++) {
            int h = random.nextInt(2);
            boolean grow = random.nextInt(100) < (i / 5_000 % 2 == 0 ? 65 : 35);
            if (grow || live.get(h).isEmpty()) {
                long bytes = size(random);
                Block block = new Block(heaps[h].allocate(bytes), bytes, (byte) random.nextInt(256));
                assertThat(heaps[h].capacity(block.offset)).isEqualTo(heaps[h].rounded(bytes)).isGreaterThanOrEqualTo(bytes);
                assertFree(taken, block.offset, heaps[h].capacity(block.offset));
                taken.put(block.offset, heaps[h].capacity(block.offset));
                fill(block);
                live.get(h).add(block);
            } else {
                release(heaps[h], live.get(h), taken, random);
            }
        }
        assertThat(heaps[0].usedBytes() + heaps[1].usedBytes())
                .as("seed %d", seed)
                .isEqualTo(taken.values().stream().mapToLong(Long::longValue).sum());
        for (int h = 0; h < 2; h++) {
            while (!live.get(h).isEmpty()) {
                release(heaps[h], live.get(h), taken, random);
            }
            assertThat(heaps[h].usedBytes()).isZero();
        }
        assertThat(memory.pageBytes()).isZero();
    }

    private static long size(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> 1 + random.nextInt(300_000);
            case 1, 2 -> 1 + random.nextInt(SizeClasses.LARGEST);
            case 3, 4, 5 -> 64L * (1 + random.nextInt(60));
            default -> 1 + random.nextInt(256);
        };
    }

    private static void assertFree(TreeMap<Long, Long> taken, long offset, long bytes) {
        assertThat(offset & 7).isZero();
        if (bytes % 64 == 0) {
            assertThat(offset & 63).isZero();
        }
        Map.Entry<Long, Long> below = taken.lowerEntry(offset + bytes);
        if (below != null) {
            assertThat(below.getKey() + below.getValue()).isLessThanOrEqualTo(offset);
        }
    }

    private void fill(Block block) {
        segment.asSlice(block.offset, block.bytes).fill(block.mark);
    }

    private void release(Heap heap, List<Block> live, TreeMap<Long, Long> taken, Random random) {
        int at = random.nextInt(live.size());
        Block block = live.get(at);
        live.set(at, live.getLast());
        live.removeLast();
        for (long i : new long[] {0, block.bytes / 2, block.bytes - 1}) {
            assertThat(segment.get(ValueLayout.JAVA_BYTE, block.offset + i)).isEqualTo(block.mark);
        }
        taken.remove(block.offset);
        heap.free(block.offset);
    }

    @Test
    void zeroedMemoryIsZeroAlsoWhereSomethingWasBefore() {
        Heap heap = new Heap(memory);
        for (long bytes : new long[] {64, 4096, 40_000, 1 << 20, 8 << 20}) {
            for (int round = 0; round < 3; round++) {
                long offset = heap.allocateZeroed(bytes);
                MemorySegment block = segment.asSlice(offset, bytes);
                assertThat(block.mismatch(MemorySegment.ofArray(new byte[(int) bytes]))).isEqualTo(-1);
                block.fill((byte) 7);
                heap.free(offset);
            }
        }
    }

    @Test
    void memoryOfFreedPagesGoesBackToTheSystem() {
        Heap heap = new Heap(memory);
        long offset = heap.allocate(64 << 20);
        segment.asSlice(offset, 64 << 20).fill((byte) 1);
        heap.free(offset);
        int steps = 0;
        while (memory.trim()) {
            steps++;
        }
        assertThat(steps).isGreaterThan(10);
        assertThat(memory.retainedBytes()).isLessThanOrEqualTo(4 << 20);
        assertThat(segment.get(ValueLayout.JAVA_BYTE, offset + (1 << 20))).isIn((byte) 0, (byte) 0xDB);
    }

    @Test
    void aWriteAfterFreeIsSeenUnderPoison() {
        Heap heap = new Heap(memory);
        long kept = heap.allocate(40);
        long offset = heap.allocate(40);
        heap.free(offset);
        segment.set(ValueLayout.JAVA_BYTE, offset + 20, (byte) 1);
        assertThatThrownBy(() -> heap.allocate(40)).hasMessageContaining("freed memory was written to");
        assertThat(kept).isNotEqualTo(offset);
    }

    @Test
    void aFullRegionIsAnErrorThatHarmsNothing() {
        Heap heap = new Heap(memory);
        long big = heap.allocate(300L << 20);
        long used = heap.usedBytes();
        assertThatThrownBy(() -> heap.allocate(300L << 20)).isInstanceOf(MemoryExhaustedException.class);
        assertThat(heap.usedBytes()).isEqualTo(used);
        heap.free(big);
        heap.free(heap.allocate(300L << 20));
        assertThat(heap.usedBytes()).isZero();
    }

    @Test
    void aLargeRegionCountsReferencesInLargerUnits() {
        assertThat(memory.referenceShift()).isEqualTo(3);
        try (NativeMemory large = NativeMemory.reserve(100L << 30, MemoryOptions.TEST)) {
            int shift = large.referenceShift();
            assertThat(large.size()).isLessThanOrEqualTo(1L << 32 + shift);
            Heap heap = new Heap(large);
            for (long bytes : new long[] {1, 88, 300, 5000, 70_000}) {
                assertThat(heap.allocate(bytes) & (1L << shift) - 1).isZero();
            }
        }
    }
}
