package io.granary.node.cluster;

import io.granary.node.Clock;
import io.granary.node.log.NodeLog;
import java.util.concurrent.TimeUnit;

/**
 * What the log says of peers that talk nonsense: a few lines a minute, then how many more there were. Anybody who reaches
 * the bus's port may talk, and must not be able to fill the disk. Belongs to the bus's thread.
 */
final class Complaints {

    static final int LINES_MAX = 10;
    static final long PERIOD_S = 60;

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(PERIOD_S);

    private final NodeLog log;
    private final Clock clock;
    private long since;
    private int written;
    private long leftOut;

    Complaints(NodeLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    void add(String text) {
        settle();
        if (written == 0) {
            since = clock.nanos();
        }
        if (written < LINES_MAX) {
            written++;
            log.warning(text);
        } else {
            leftOut++;
        }
    }

    /** Tells what was left out, once the time for it has come; to be called now and then. */
    void settle() {
        if (written == 0 || clock.nanos() - since < PERIOD_NANOS) {
            return;
        }
        if (leftOut > 0) {
            log.warning("Dropped " + leftOut + " more messages of the cluster bus that made no sense, in " + PERIOD_S
                    + " seconds");
        }
        written = 0;
        leftOut = 0;
    }
}
