package io.granary.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long TURNS = 200;

    private long nowNanos = 1;
    private long served;
    private long restedNanos;
    private final Clock clock = new Clock() {
        @Override
        public long unixMs() {
            return 0;
        }

        @Override
        public long nanos() {
            return nowNanos;
        }
    };
    private final Pace pace = new Pace(clock, () -> served, this::sleep, Pace.Purpose.SNAPSHOT);

    private void sleep(long nanos) {
        restedNanos += nanos;
        nowNanos += nanos;
    }

    private int turn(long micros) {
        nowNanos += TimeUnit.MICROSECONDS.toNanos(micros);
        return pace.rest();
    }

    @Test
    void aNodeThatServesNobodyDoesNotRest() {
        assertThat(turn(100)).isEqualTo(Pace.Purpose.SNAPSHOT.turnBytesMax);
        assertThat(restedNanos).isZero();
    }

    @Test
    void whileClientsAreServedItRestsAsLongAsItWorks() {
        for (int i = 0; i < TURNS; i++) {
            served++;
            turn(100);
        }
        assertThat(restedNanos).isEqualTo(TimeUnit.MICROSECONDS.toNanos(100 * TURNS));
    }

    @Test
    void aMoveRestsLongerAndDoesNotCountWhatItWaitsForBehindATurn() {
        Pace move = new Pace(clock, () -> served, this::sleep, Pace.Purpose.MOVE);
        int bytes = 0;
        for (int i = 0; i < TURNS; i++) {
            served++;
            nowNanos += TimeUnit.MICROSECONDS.toNanos(50);
            move.turned();
            nowNanos += TimeUnit.MILLISECONDS.toNanos(5);
            bytes = move.rest();
        }
        assertThat(restedNanos).isEqualTo(TimeUnit.MICROSECONDS.toNanos(4 * 50 * TURNS));
        assertThat(bytes).isEqualTo(Pace.Purpose.MOVE.turnBytesMax);
    }

    @Test
    void aTurnThatHadToWaitIsNoReasonToRestForLong() {
        served++;
        turn(50_000);
        assertThat(restedNanos).isLessThan(TimeUnit.MILLISECONDS.toNanos(1));
    }

    @Test
    void whenTheLastCommandIsLongAgoItRestsNoMore() {
        served++;
        turn(100);
        nowNanos += TimeUnit.SECONDS.toNanos(1);
        long before = restedNanos;
        turn(100);
        assertThat(restedNanos).isEqualTo(before);
    }

    @Test
    void turnsGrowWhileTheyAreQuickAndShrinkWhileTheyAreSlow() {
        int quick = 0;
        for (int i = 0; i < TURNS; i++) {
            served++;
            quick = turn(20);
        }
        assertThat(quick).isEqualTo(Pace.Purpose.SNAPSHOT.turnBytesMax);
        int slow = quick;
        for (int i = 0; i < TURNS; i++) {
            served++;
            slow = turn(1000);
        }
        assertThat(slow).isPositive().isLessThan(quick / 8);
    }

    @Test
    void turnsDoNotShrinkSinceSomeAreHeldUp() {
        int last = 0;
        for (int i = 0; i < TURNS; i++) {
            served++;
            last = turn(i % 2 == 0 ? 3000 : 20);
        }
        assertThat(last).isEqualTo(Pace.Purpose.SNAPSHOT.turnBytesMax);
    }
}
