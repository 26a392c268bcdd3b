package io.granary.node.snapshot;

import io.granary.node.config.LongSetting;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The wait after each key that tests ask for, so that a short save or load takes long. */
final class KeyDelay {

    private final LongSetting micros;
    private long skipped;

    /** @param micros to wait after each key; a negative number means a microsecond after so many keys */
    KeyDelay(LongSetting micros) {
        this.micros = micros;
    }

    void pause() {
        long wanted = micros.value();
        if (wanted > 0) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(wanted));
        } else if (wanted < 0 && ++skipped >= -wanted) {
            skipped = 0;
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(1));
        }
    }
}
