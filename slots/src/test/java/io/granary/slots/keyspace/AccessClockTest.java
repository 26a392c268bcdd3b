package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AccessClockTest {

    private static final long MINUTE_MS = 60_000;

    @Test
    void idleTimeIsMeasuredAcrossTheWrap() {
        long now = (1L << 24) * 1000 * 3 + 5_000;
        assertThat(AccessClock.idleMs(AccessClock.lru(now - 4_000), now)).isEqualTo(4_000);
        assertThat(AccessClock.idleMs(AccessClock.lru(now - 20_000), now)).isBetween(19_000L, 20_000L);
    }

    @Test
    void theCounterGrowsAsTheLogarithmOfAccesses() {
        Random random = new Random(7);
        int clock = AccessClock.lfu(0);
        assertThat(AccessClock.lfuCounter(clock, 0, 1)).isEqualTo(5);
        for (int i = 0; i < 100; i++) {
            clock = AccessClock.lfuAccessed(clock, 0, 1, 10, random);
        }
        assertThat(AccessClock.lfuCounter(clock, 0, 1)).isBetween(7, 15);
        for (int i = 0; i < 100_000; i++) {
            clock = AccessClock.lfuAccessed(clock, 0, 1, 10, random);
        }
        assertThat(AccessClock.lfuCounter(clock, 0, 1)).isBetween(120, 170);
        for (int i = 0; i < 3_000_000; i++) {
            clock = AccessClock.lfuAccessed(clock, 0, 1, 1, random);
        }
        assertThat(AccessClock.lfuCounter(clock, 0, 1)).isEqualTo(255);
    }

    @Test
    void theCounterDecaysByOneEachPeriod() {
        int clock = AccessClock.lfu(10 * MINUTE_MS, 50);
        assertThat(AccessClock.lfuCounter(clock, 10 * MINUTE_MS, 1)).isEqualTo(50);
        assertThat(AccessClock.lfuCounter(clock, 40 * MINUTE_MS, 1)).isEqualTo(20);
        assertThat(AccessClock.lfuCounter(clock, 40 * MINUTE_MS, 10)).isEqualTo(47);
        assertThat(AccessClock.lfuCounter(clock, 400 * MINUTE_MS, 1)).isZero();
        assertThat(AccessClock.lfuCounter(clock, 400 * MINUTE_MS, 0)).isEqualTo(50);
    }
}
