package io.granary.node.fault;

import io.granary.node.Clock;
import io.granary.node.Version;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Receives the faults of one node.
 *
 * <p>A fault is fatal if the data in memory may be wrong after it: one in the body of a command that writes, or in the
 * middle of a transaction, may have left a change half made; a broken invariant that a reader found says that something is
 * wrong already; and after an {@link Error}, a heap that is used up among them, nobody knows what was left undone. Then the
 * node runs no further command, reports, and ends with a failure: without saving, and without asking anybody.
 *
 * <p>After any other fault only the client goes on whose request met it. It could meet it again and again, so what is
 * written of those is bounded; all are counted.
 */
public final class Faults {

    private static final long REPORT_EVERY_NANOS = 1_000_000_000;
    private static final long FOR_DATA = CommandFlag.READONLY.bit() | CommandFlag.WRITE.bit();

    private final NodeLog log;
    private final Clock clock;
    private final Shutdown shutdown;
    private final Runnable halt;
    private final LongAdder count = new LongAdder();
    private final AtomicLong quietUntilNanos;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** @param halt lets no further command run; called with locks held, perhaps again and again */
    public Faults(NodeLog log, Clock clock, Shutdown shutdown, Runnable halt) {
        this.log = log;
        this.clock = clock;
        this.shutdown = shutdown;
        this.halt = halt;
        quietUntilNanos = new AtomicLong(clock.nanos());
    }

    /** How many there were. */
    public long count() {
        return count.sum();
    }

    /**
     * What to throw after a fault in the body of a command, which has to be {@linkplain #report reported} once no lock is
     * held; in the meantime nobody begins to use what may be wrong.
     *
     * @param changing whether changes may be half made though the command itself makes none
     */
    public CommandFault inBody(Command<?> command, Request request, boolean changing, Throwable fault) {
        if (fault instanceof CommandFault inside) {
            return inside;
        }
        boolean fatal = changing || command.is(CommandFlag.WRITE) || fault instanceof Error
                || fault instanceof IllegalStateException && (command.flagBits() & FOR_DATA) != 0;
        if (fatal) {
            halt.run();
        }
        return new CommandFault(command, request, fatal, fault);
    }

    /** Reports a fault of which only its client, or whoever else has met it, is the worse. An {@link Error} is fatal. */
    public void report(String where, Throwable fault) {
        if (fault instanceof CommandFault inBody) {
            report(inBody.getMessage() + " of " + where, inBody.getCause(), inBody.fatal());
        } else {
            report(where, fault, fault instanceof Error);
        }
    }

    /** Reports a fault after which data in memory may be wrong, and ends the node. */
    public void fatal(String where, Throwable fault) {
        report(where, fault, true);
    }

    private void report(String where, Throwable fault, boolean fatal) {
        count.increment();
        if (fatal) {
            halt.run();
            try {
                if (ended.compareAndSet(false, true)) {
                    write(where, "what is in memory may be wrong now, so this node ends", fault);
                }
            } finally {
                // with no memory left even the report may fail
                shutdown.fail();
            }
        } else if (mayReport()) {
            write(where, "this node goes on", fault);
        }
    }

    private boolean mayReport() {
        long now = clock.nanos();
        long until = quietUntilNanos.get();
        return now - until >= 0 && quietUntilNanos.compareAndSet(until, now + REPORT_EVERY_NANOS);
    }

    private void write(String where, String consequence, Throwable fault) {
        log.warning("=== GRANARY BUG REPORT START: Cut & paste starting from here ===\n"
                + "Granary " + Version.GRANARY + " on Java " + Runtime.version() + ", internal fault in " + where + "; "
                + consequence, fault);
        log.warning("=== GRANARY BUG REPORT END ===");
    }
}
