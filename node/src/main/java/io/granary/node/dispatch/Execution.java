package io.granary.node.dispatch;

import io.granary.gossip.ClusterView;
import io.granary.node.client.ClientSession;
import io.granary.node.client.LoopBuffers;
import io.granary.node.metrics.LoopStatistics;
import io.granary.resp.ArgumentTooLongException;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Effects;
import io.granary.slots.command.Errors;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.StripeLock;
import io.granary.slots.memory.MemoryExhaustedException;

/**
 * Runs commands that were admitted, one at a time, on one event loop.
 *
 * <p>A call has these stages, in this order:
 * <ol>
 * <li>{@link #runLocked} takes the lock of the slot. A command without keys ({@link #runUnlocked}) takes the locks that it
 *     needs in its body, as EXEC does; those are held by then if it runs inside EXEC.
 * <li>{@link #hereUnderLock}: the slot may have been handed over while the lock was waited for.
 * <li>{@link #body}: everything that belongs to a change happens here, while nobody else sees its slot.
 * <li>{@link #record}: what has changed is appended to the log, so that the log has the order of the changes of each slot.
 * <li>The lock is released.
 * <li>{@link #finish}: what nobody has to wait for, statistics and monitors, and {@link #lookUp}.
 * </ol>
 * A fault of ours in the body or behind it, which no input may cause, ends the call there: the locks are released, and the
 * client is closed ({@link io.granary.node.fault.Faults}).
 *
 * <p>What EXEC runs comes through {@link #runInExec}, inside the body of EXEC: the body and the last stage, once more for
 * each; its effects are gathered, and EXEC appends them as one before it releases its locks.
 *
 * <p>A command that changes the keyspace as a whole runs with all locks held ({@link #runAlone}): the log has one order for
 * all slots, and while an entry for all of them is appended, none of them may change.
 */
final class Execution {

    /** How old the time may be that commands of a batch see, in nanoseconds. */
    private static final long NOW_NANOS_MAX = 1_000_000;

    /** What may change data, and so has to be repeated elsewhere. */
    private static final long REPEATED = CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit();
    /** Stands for a command that no hold of slots concerns. */
    private static final int NO_HOLD = -2;
    private static final long FOR_DATA = CommandFlag.READONLY.bit() | CommandFlag.WRITE.bit();

    private final DispatchServices services;
    private final Keyspace keyspace;
    private final boolean clustered;
    private final ReplyWriter reply;
    private final ReplyBuffer replies;
    private final NodeCall call;
    private final UnitLog log;
    private final Router router;
    private final Admission admission;
    private final Refusals refusals;
    private final LoopStatistics statistics;
    private final NodeCondition condition;
    private final PauseBarrier.Gate gate;

    private long nowMs;
    private long nowReadNanos;
    private long lapNanos;
    /** Whether a command of the batch may have written. */
    private boolean wrote;
    /** Errors that the commands inside the running one have answered with: EXEC's own are only those beyond them. */
    private long errorsInside;

    Execution(
            DispatchServices services, LoopBuffers buffers, NodeCall call, Router router, Admission admission,
            Refusals refusals, LoopStatistics statistics) {
        this.services = services;
        this.keyspace = services.keyspace();
        this.clustered = keyspace.clustered();
        this.reply = buffers.writer();
        this.replies = buffers.replies();
        this.call = call;
        this.log = services.log();
        this.router = router;
        this.admission = admission;
        this.refusals = refusals;
        this.statistics = statistics;
        this.condition = services.condition();
        this.gate = services.pauseBarrier().gate();
    }

    /** Begins what one read of a client has brought: on one reading of the clocks. */
    void begin(ClientSession session) {
        nowMs = services.clock().unixMs();
        lapNanos = services.clock().nanos();
        nowReadNanos = lapNanos;
        wrote = false;
        call.begin(session, settings(session));
    }

    private CallSettings settings(ClientSession session) {
        return session.ofPrimary() ? services.streamSettings() : services.callSettings();
    }

    /** The time that the commands see. */
    long nowMs() {
        return nowMs;
    }

    /** When the last call ended, or the batch began: where the time of the next one begins, in monotonic nanoseconds. */
    long lapNanos() {
        return lapNanos;
    }

    /** Whether a command that may write has run since the batch began. */
    boolean wrote() {
        return wrote;
    }

    /** Notes that something other than a call has taken time, which is not to be added to the next call's. */
    void lap() {
        lapNanos = services.clock().nanos();
    }

    /** Runs a command that was admitted and notes how long it took; false if a pause came first and its client waits. */
    boolean run(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        long errors = reply.errors();
        errorsInside = 0;
        session.profile().called(command);
        Outcome outcome = attempt(session, command, request, slot, hash);
        while (outcome == Outcome.PAUSED) {
            if (condition.suspendsWrite(session, heldSlot(session, command, slot))) {
                return false;
            }
            outcome = attempt(session, command, request, slot, hash);
        }
        if (outcome == Outcome.REFUSED) {
            refusals.reject(session, command, Errors.READ_ONLY, false);
            lap();
        } else if (outcome == Outcome.RAN) {
            finish(session, command, request, reply.errors() - errors - errorsInside);
        } else {
            statistics.rejected(command.index());
            lap();
        }
        lookUp(session, command);
        return true;
    }

    /** What has become of a call. */
    private enum Outcome { RAN, ELSEWHERE, REFUSED, PAUSED }

    private Outcome attempt(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        return slot >= 0
                ? runLocked(session, command, request, slot, hash) : runUnlocked(session, command, request, slot, hash);
    }

    private Outcome runLocked(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            if (condition.bars() && barred(session, command.flagBits(), slot) == Outcome.PAUSED && condition.holds(slot)) {
                // whither it goes is known when the slot is held no longer
                return Outcome.PAUSED;
            }
            if (clustered && !hereUnderLock(session, command, request, slot)) {
                return Outcome.ELSEWHERE;
            }
            Outcome allowed = condition.bars() ? barred(session, command.flagBits(), slot) : Outcome.RAN;
            if (allowed == Outcome.RAN) {
                unit(command, request, slot, slot, hash);
            }
            return allowed;
        } finally {
            lock.unlock();
        }
    }

    private Outcome runUnlocked(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        if (slot != Router.NO_KEYS && !hereUnderLock(session, command, request, slot)) {
            return Outcome.ELSEWHERE;
        }
        long flags = Admission.flags(session, command);
        if ((flags & Admission.WRITES) == 0) {
            unit(command, request, 0, slot, hash);
            return Outcome.RAN;
        }
        gate.enter();
        try {
            Outcome allowed = condition.bars() ? barred(session, flags, heldSlot(session, command, slot)) : Outcome.RAN;
            if (allowed != Outcome.RAN) {
                return allowed;
            }
            if ((command.flagBits() & Admission.WHOLE_WRITE) == Admission.WHOLE_WRITE) {
                return runAlone(session, command, request, hash);
            }
            unit(command, request, 0, slot, hash);
            return allowed;
        } finally {
            gate.leave();
        }
    }

    /** What stands in the way of a command with such flags, now that what stands there can no longer change. */
    private Outcome barred(ClientSession session, long flags, int slot) {
        if ((flags & Admission.WRITES) == 0 || session.ofPrimary()) {
            return Outcome.RAN;
        }
        if (hasBecomeReplica(session, flags)) {
            return Outcome.REFUSED;
        }
        return condition.paused() || slot != NO_HOLD && condition.holds(slot) ? Outcome.PAUSED : Outcome.RAN;
    }

    /** The slot whose hold would keep a command waiting: that of its keys, none for one that changes all of them. */
    private static int heldSlot(ClientSession session, Command<NodeCall> command, int slot) {
        if (slot >= 0) {
            return slot;
        }
        if (!TransactionCommands.isExec(command)) {
            return command.is(CommandFlag.WHOLE_KEYSPACE) ? Effects.NO_SLOT : NO_HOLD;
        }
        CommandQueue queue = session.transaction().queue();
        boolean whole = (queue.flags() & CommandFlag.WHOLE_KEYSPACE.bit()) != 0;
        return whole ? Effects.NO_SLOT : queue.slot() >= 0 ? queue.slot() : NO_HOLD;
    }

    private Outcome runAlone(ClientSession session, Command<NodeCall> command, Request request, long hash) {
        keyspace.lockAll();
        try {
            if (hasBecomeReplica(session, command.flagBits())) {
                return Outcome.REFUSED;
            }
            unit(command, request, 0, Effects.NO_SLOT, hash);
        } finally {
            keyspace.unlockAll();
        }
        keyspace.freeSomeFlushed();
        return Outcome.RAN;
    }

    /** Whether the role has changed while the locks were waited for. */
    private boolean hasBecomeReplica(ClientSession session, long flags) {
        return condition.closedToWrites() && (flags & CommandFlag.WRITE.bit()) != 0 && !session.ofPrimary();
    }

    /** {@code slotOfKeys} is negative for a command without keys, which is given the store of some slot all the same. */
    private void unit(Command<NodeCall> command, Request request, int slot, int slotOfKeys, long hash) {
        boolean completed = body(command, request, slot, hash);
        if (log.active()) {
            append(command, request, slotOfKeys, completed);
        }
    }

    private void append(Command<NodeCall> command, Request request, int slotOfKeys, boolean completed) {
        try {
            record(command, slotOfKeys, completed);
            call.endUnit();
        } catch (RuntimeException | Error fault) {
            // the data has changed, and the log does not tell of it
            throw services.faults().inBody(command, request, true, fault);
        }
    }

    /** Writes down what a call has changed; one that was refused may still have met keys whose time had come. */
    private void record(Command<NodeCall> command, int slotOfKeys, boolean completed) {
        if (completed && (command.flagBits() & REPEATED) != 0) {
            call.recordChanges();
            if (slotOfKeys >= 0) {
                call.effects().slot(slotOfKeys);
            }
        }
    }

    /** Runs the body; the locks of its keys are held. Returns false if it was refused. */
    private boolean body(Command<NodeCall> command, Request request, int slot, long hash) {
        long mark = replies.mark();
        long errors = reply.errors();
        long inside = errorsInside;
        try {
            call.begin(request, call.session().database(), slot, nowMs, command.firstKey(), hash);
            command.body().run(call);
            if ((command.flagBits() & CommandFlag.WRITE.bit()) != 0) {
                statistics.changed(call.changes());
            }
            if (reply.errors() - errors > errorsInside - inside) {
                statistics.error(reply.lastError());
            }
            return true;
        } catch (CommandException e) {
            replies.rewind(mark);
            refusals.error(e.text());
        } catch (MemoryExhaustedException _) {
            replies.rewind(mark);
            refusals.error(Errors.OUT_OF_MEMORY.text());
        } catch (ArgumentTooLongException _) {
            replies.rewind(mark);
            refusals.error("ERR an argument is longer than this command takes");
        } catch (RuntimeException | Error fault) {
            throw services.faults().inBody(command, request, changing(command), fault);
        }
        return false;
    }

    /** Whether a transaction would be left half done if the command failed now, or a change would be missing in the log. */
    private boolean changing(Command<NodeCall> command) {
        Transaction transaction = call.session().transaction();
        return TransactionCommands.isExec(command) || !call.effects().isEmpty()
                || transaction.running() && (transaction.queue().flags() & CommandFlag.WRITE.bit()) != 0;
    }

    // ---- inside EXEC ----

    /** Runs a command that EXEC has come to; the locks of all keys of the transaction are held. */
    void runInExec(ClientSession session, Command<NodeCall> command, Request request) {
        long began = lapNanos;
        lap();
        long errors = reply.errors();
        bodyInExec(command, request);
        long added = reply.errors() - errors;
        errorsInside += added;
        finish(session, command, request, added);
        // the time of EXEC is that of all of them
        lapNanos = began;
    }

    private void bodyInExec(Command<NodeCall> command, Request request) {
        int key = command.firstKey();
        int slotOfKeys = clustered ? router.slotOf(request, command) : 0;
        int slot = Math.max(0, slotOfKeys);
        boolean keyed = key > 0 && key < request.count();
        long hash = keyed ? keyspace.hash(request.bytes(), request.offset(key), request.length(key)) : 0;
        boolean completed = body(command, request, slot, hash);
        if (log.active()) {
            record(command, slotOfKeys, completed);
        }
    }

    /** Whether EXEC must not run any more, now that its locks are held: its slot or the role was handed over; says so. */
    boolean runsElsewhere(NodeCall exec) {
        if (hasBecomeReplica(exec.session(), exec.session().transaction().queue().flags())) {
            refusals.error(Refusals.discarded(Errors.READ_ONLY));
            return true;
        }
        return clustered && !hereUnderLock(
                exec.session(), services.table().find(exec.request()), exec.request(),
                exec.session().transaction().queue().slot());
    }

    // ---- before and after ----

    /** Whether the slot is served here by the view of this moment; if not, the redirect is written. */
    private boolean hereUnderLock(ClientSession session, Command<NodeCall> command, Request request, int slot) {
        ClusterView view = services.view();
        if (Router.runsHere(view, slot) || session.ofPrimary()) {
            return true;
        }
        CommandException elsewhere = admission.elsewhere(session, command, request, slot, view);
        if (elsewhere == null) {
            return true;
        }
        refusals.error(elsewhere.text());
        return false;
    }

    /** Statistics, monitors, slow log and latency of a call that has just ended with so many errors of its own. */
    private void finish(ClientSession session, Command<NodeCall> command, Request request, long errors) {
        long now = services.clock().nanos();
        long elapsed = now - lapNanos;
        lapNanos = now;
        if ((command.flagBits() & Admission.WRITES) != 0) {
            wrote |= !Admission.needsNoLease(command.flagBits()) || !services.lease().abandoned();
        }
        int index = command.index();
        statistics.called(index, elapsed, services.tracksLatency());
        if (errors > 0) {
            statistics.failed(index);
        }
        // afterwards, as in Redis: what EXEC ran stands before EXEC, and SELECT in the database that it chose
        if (services.monitors().any() && !command.is(CommandFlag.SKIP_MONITOR) && !command.is(CommandFlag.ADMIN)) {
            services.monitors().tell(session, request, Redaction.of(command, request), services.clock().unixMicros());
        }
        if (elapsed >= services.slowNanos()) {
            services.slow(session, command, request, elapsed, nowMs);
        }
    }

    /**
     * Looks at what may have changed since the batch began: the time when it has run for long (a queued command's does not,
     * time stands still in EXEC), and the settings behind a command that is not for data and may have set them.
     */
    private void lookUp(ClientSession session, Command<NodeCall> command) {
        if (lapNanos - nowReadNanos >= NOW_NANOS_MAX) {
            nowMs = services.clock().unixMs();
            nowReadNanos = lapNanos;
        }
        if ((command.flagBits() & FOR_DATA) == 0) {
            call.begin(session, settings(session));
        }
    }
}
