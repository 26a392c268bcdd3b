package io.granary.slots.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StripeLockTest {

    private final StripeLock lock = new StripeLock();

    @Test
    void itIsReentrant() {
        lock.lock();
        lock.lock();
        assertThat(lock.tryLock()).isTrue();
        lock.unlock();
        lock.unlock();
        assertThat(lock.heldByCurrentThread()).isTrue();
        lock.unlock();
        assertThat(lock.heldByCurrentThread()).isFalse();
        assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    }

    @Test
    void nobodyElseTakesOrReleasesIt() throws InterruptedException {
        lock.lock();
        List<Object> seen = new ArrayList<>();
        Thread other = new Thread(() -> {
            seen.add(lock.tryLock());
            seen.add(lock.heldByCurrentThread());
            try {
                lock.unlock();
            } catch (IllegalMonitorStateException _) {
                seen.add("refused");
            }
        });
        other.start();
        other.join();
        assertThat(seen).containsExactly(false, false, "refused");
        lock.unlock();
    }

    @Test
    void aThreadThatHasParkedGetsItInTheEnd() throws InterruptedException {
        lock.lock();
        CountDownLatch taken = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            lock.lock();
            lock.unlock();
            taken.countDown();
        });
        other.start();
        while (other.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        other.interrupt();
        lock.unlock();
        assertThat(taken.await(30, TimeUnit.SECONDS)).isTrue();
        other.join();
    }

    /** What the lock guards is read and written plainly, by more threads than there are cores. */
    @Test
    void underContentionNothingIsLost() throws InterruptedException {
        int threads = 6;
        int rounds = 30_000;
        long[] guarded = new long[2];
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < rounds; i++) {
                    lock.lock();
                    try {
                        guarded[0]++;
                        lock.lock();
                        guarded[1] = guarded[0];
                        lock.unlock();
                    } finally {
                        lock.unlock();
                    }
                }
            });
            thread.start();
            all.add(thread);
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(guarded).containsOnly((long) threads * rounds);
    }
}
