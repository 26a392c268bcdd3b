package io.granary.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** What the slow log keeps. */
class SlowLogTest {

    private static final int ARGUMENTS = 40;
    private static final int ARGUMENT_BYTES = 100;

    private final SlowLog log = new SlowLog();

    @Test
    void itTakesSoMuchMemoryAndNoMoreHoweverLongItMayBe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate((long) ARGUMENTS * ARGUMENT_BYTES);
            Request request = new Request();
            request.begin(bytes);
            for (int i = 0; i < ARGUMENTS; i++) {
                request.add(i * ARGUMENT_BYTES, ARGUMENT_BYTES);
            }
            for (int i = 0; i < 10_000; i++) {
                log.add(request, new BitSet(), 0, i, "127.0.0.1:1", "", Long.MAX_VALUE);
            }
        }
        long bytes = log.newest(-1).stream().mapToLong(SlowLog.Entry::bytes).sum();
        assertThat(bytes).isBetween(SlowLog.BYTES_MAX / 2, SlowLog.BYTES_MAX);
        assertThat(log.newest(1).getFirst().micros()).isEqualTo(9_999);
        log.clear();
        assertThat(log.size()).isZero();
    }

    @Test
    void itIsAsLongAsItMayBe() {
        Request request = new Request();
        request.begin(MemorySegment.ofArray(new byte[1]));
        request.add(0, 1);
        for (int i = 0; i < 5; i++) {
            log.add(request, new BitSet(), 0, i, "127.0.0.1:1", "", 3);
        }
        assertThat(log.newest(-1)).extracting(SlowLog.Entry::id).containsExactly(4L, 3L, 2L);
    }
}
