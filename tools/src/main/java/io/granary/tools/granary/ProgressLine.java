package io.granary.tools.granary;

import io.granary.tools.move.Progress;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;

/** Shows how far something is until it is closed: a line written over and over on a terminal, else now and then. */
final class ProgressLine implements AutoCloseable {

    private static final int TERMINAL_PERIOD_MS = 200;
    private static final int PERIOD_MS = 3000;
    private static final double NS_PER_SECOND = 1e9;
    /** Erases what is left of the line before. */
    private static final String ERASE = "\r\u001b[K";

    private final Screen screen;
    private final DoubleFunction<String> text;
    private final boolean terminal;
    private final long startNs = System.nanoTime();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread writer;

    /** @param text how far it is after so many seconds */
    ProgressLine(Screen screen, DoubleFunction<String> text, boolean terminal) {
        this.screen = screen;
        this.text = text;
        this.terminal = terminal;
        this.writer = Thread.ofVirtual().name("progress").start(this::write);
    }

    private void write() {
        try {
            while (!done.await(terminal ? TERMINAL_PERIOD_MS : PERIOD_MS, TimeUnit.MILLISECONDS)) {
                if (terminal) {
                    screen.sayPart(ERASE + text());
                } else {
                    screen.say(text());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    double seconds() {
        return Math.max(1e-3, (System.nanoTime() - startNs) / NS_PER_SECOND);
    }

    private String text() {
        return text.apply(seconds());
    }

    /** {@code 512 of 4,096 slots (31 %), 120 slots/s, 45,000 keys/s, 12 s left}. */
    static String ofMoves(Progress progress, double seconds) {
        double share = progress.share();
        String keys = progress.keysInAll() > 0
                ? String.format(Locale.ROOT, ", %,.0f keys/s", progress.keys() / seconds) : "";
        return String.format(Locale.ROOT, "%,d of %,d slots (%.0f %%), %,.0f slots/s%s%s", progress.slots(),
                progress.slotsInAll(), Math.floor(share * 100), progress.slots() / seconds, keys, left(share, seconds));
    }

    /** {@code 120,000 keys (31 %), 45,000 keys/s, 12 s left}. */
    static String ofKeys(long keys, double share, double seconds) {
        return String.format(Locale.ROOT, "%,d keys (%.0f %%), %,.0f keys/s%s", keys, Math.floor(share * 100),
                keys / seconds, left(share, seconds));
    }

    private static String left(double share, double seconds) {
        return share > 0 && share < 1 ? String.format(Locale.ROOT, ", %.0f s left", seconds / share - seconds) : "";
    }

    /** The last line stays. */
    @Override
    public void close() {
        done.countDown();
        try {
            writer.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (terminal) {
            screen.sayPart(ERASE);
        }
    }
}
