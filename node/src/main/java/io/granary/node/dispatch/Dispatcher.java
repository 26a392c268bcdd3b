package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.node.client.LoopBuffers;
import io.granary.node.client.ReplyMode;
import io.granary.node.metrics.LoopStatistics;
import io.granary.node.metrics.SlotCounts;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.resp.RequestDecoder;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandFlag;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * Takes the requests of one event loop's clients from bytes to replies, in place: the loop that read the bytes decodes them
 * ({@link RequestBatch}), asks whether they may run ({@link Admission}), and runs them ({@link Execution}) or refuses them
 * ({@link Refusals}).
 *
 * <p>A request that cannot run now (its client is paused, or does not read its replies) stops the batch: it and all behind
 * it stay in the client's input and are decoded again later.
 */
public final class Dispatcher {

    /** Replies are sent before a batch's end when they grow beyond this, in bytes. */
    private static final int REPLY_BYTES_BEFORE_FLUSH = 1024 * 1024;

    /** What the MULTI has taken that an EXEC belongs to: a slot is known to be meant only afterwards. */
    private static final int MULTI_BYTES = "*1\r\n$5\r\nMULTI\r\n".length();

    private final DispatchServices services;
    private final NodeCondition condition;
    private final WriteLease lease;
    private final UnitLog log;
    private final ReplyWriter reply;
    private final ReplyBuffer replies;
    private final LoopStatistics statistics;
    /** Null where slots are no unit that anybody asks for: without a cluster. */
    private final SlotCounts slotCounts;
    private final Admission admission;
    private final Refusals refusals;
    private final LoopBuffers buffers;
    private final Router router;
    private final RequestBatch batch;
    private final Execution execution;
    /** Whether the lease held when the batch began. */
    private boolean leased;
    private int answered;

    /** {@code random} is this loop's own. */
    public Dispatcher(DispatchServices services, LoopBuffers buffers, RandomGenerator random) {
        this.services = services;
        this.condition = services.condition();
        this.log = services.log();
        this.lease = services.lease();
        this.reply = buffers.writer();
        this.replies = buffers.replies();
        this.statistics = new LoopStatistics(services.table().size());
        this.slotCounts = services.keyspace().clustered() ? new SlotCounts() : null;
        this.admission = new Admission(services);
        this.refusals = new Refusals(services, reply, statistics);
        this.buffers = buffers;
        this.router = new Router();
        this.batch = new RequestBatch(services, router);
        NodeCall call = new NodeCall(this, services.keyspace(), reply, services.callSettings(), random);
        this.execution = new Execution(services, buffers, call, router, admission, refusals, statistics);
    }

    public LoopStatistics statistics() {
        return statistics;
    }

    /** What this loop has counted of each slot; null without a cluster. */
    public SlotCounts slotCounts() {
        return slotCounts;
    }

    public DispatchServices services() {
        return services;
    }

    /** Until when writes may be acknowledged. */
    public WriteLease lease() {
        return lease;
    }

    /** Whether the replies in the loop's buffer have to wait, since the lease has lapsed that a write among them needs. */
    public boolean withholds() {
        return execution.wrote() && !lease.holds(services.clock().nanos());
    }

    /** How many requests were answered since this was last asked or the batch began. */
    public int takeAnswered() {
        int taken = answered;
        answered = 0;
        return taken;
    }

    Execution execution() {
        return execution;
    }

    /** Begins to apply the stream of a primary, which the session stands for; on this loop only. */
    public StreamApplication follow(ClientSession session, StreamFollower follower) {
        return new StreamApplication(services, buffers, execution, admission, router, session, follower);
    }

    /** Ends the client's transaction, as EXEC, DISCARD and RESET do. */
    public void endTransaction(ClientSession session) {
        session.transaction().end(services);
    }

    /** The client is gone. */
    public void forget(ClientSession session) {
        session.transaction().discard();
        session.transaction().unwatch(services.keyspace(), services.watchBudget());
    }

    /**
     * Runs the requests between {@code from} and {@code to}, as far as they are whole and their client may run them; replies
     * are left in the loop's reply buffer. Returns the index of the first byte that is still needed.
     */
    public int run(ClientSession session, MemorySegment in, int from, int to) {
        execution.begin(session);
        leased = lease.holds(execution.lapNanos());
        answered = 0;
        long start = execution.lapNanos();
        session.profile().active(execution.nowMs());
        reply.resp3(session.resp3());
        int next = runAll(session, in, from, to);
        if (slotCounts != null) {
            slotCounts.settle();
        }
        if (log.active()) {
            log.wake();
        }
        statistics.cycle(execution.lapNanos() - start);
        return next;
    }

    private int runAll(ClientSession session, MemorySegment in, int from, int to) {
        int at = from;
        while (at < to && session.mayRun()) {
            RequestDecoder.Result last = batch.fill(session, in, at, to);
            if (batch.count() > 1) {
                batch.prefetch(session.database());
            }
            int ran = runBatch(session);
            if (ran < batch.count()) {
                session.decoder().reset();
                batch.trim(ran);
                return session.closing() ? to : ran == 0 ? at : batch.end(ran - 1);
            }
            at = batch.decodedTo();
            if (last == RequestDecoder.Result.INCOMPLETE) {
                return at;
            }
            if (last == RequestDecoder.Result.ERROR) {
                // behind QUIT nobody cares any more
                if (!session.closing()) {
                    refusals.undecodable(session);
                }
                return to;
            }
        }
        return session.closing() ? to : at;
    }

    /**
     * Runs the batch; returns how many requests were run, fewer than it holds when one has to wait or the client is gone.
     */
    private int runBatch(ClientSession session) {
        int count = batch.count();
        for (int i = 0; i < count; i++) {
            if (!(slotCounts == null ? runOne(session, i) : runAndNote(session, i))) {
                return i;
            }
            answered++;
            if (replies.size() > REPLY_BYTES_BEFORE_FLUSH) {
                session.flush();
            }
            if (!session.mayRun() && i + 1 < count) {
                return i + 1;
            }
        }
        return count;
    }

    /** Runs a request and notes what it has cost its slot. */
    private boolean runAndNote(ClientSession session, int i) {
        long began = execution.lapNanos();
        long mark = replies.size();
        int slot = batch.slot(i);
        int bytes = batch.end(i) - batch.start(i);
        if (slot == Router.NO_KEYS && session.transaction().open() && TransactionCommands.isExec(batch.command(i))) {
            slot = session.transaction().queue().slot();
            bytes += MULTI_BYTES;
        }
        boolean ran = runOne(session, i);
        if (ran && slot >= 0) {
            slotCounts.note(slot, execution.lapNanos() - began, bytes, replies.size() - mark);
        }
        return ran;
    }

    private boolean runOne(ClientSession session, int i) {
        Request request = batch.request(i);
        Command<NodeCall> command = batch.command(i);
        boolean inTheWay = !session.plain() || !condition.quiet() || !leased;
        if (inTheWay || command == null || !command.accepts(request.count()) || command.is(CommandFlag.PROTECTED)
                || command.body() == null) {
            return runGuarded(session, command, request, batch.slot(i), batch.hash(i));
        }
        if (!execution.run(session, command, request, batch.slot(i), batch.hash(i))) {
            return false;
        }
        request.trim();
        return true;
    }

    /** The long way: for clients and times that are not plain, and for requests that will be refused. */
    private boolean runGuarded(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        if (command == null && Refusals.speaksHttp(request)) {
            refusals.cutOff(session);
            return true;
        }
        long mark = replies.mark();
        boolean replying = session.replyMode() == ReplyMode.ON;
        if (session.replyMode() == ReplyMode.SKIP_NEXT) {
            session.replyMode(ReplyMode.SKIP_THIS);
        }
        boolean wasAsking = session.asking();
        session.profile().called(command);
        if (!decided(session, command, request, slot, hash)) {
            if (session.replyMode() == ReplyMode.SKIP_THIS) {
                session.replyMode(ReplyMode.SKIP_NEXT);
            }
            return false;
        }
        // a command that turns replies on, CLIENT REPLY ON or RESET, is the first that is answered
        if (!replying && session.replyMode() != ReplyMode.ON) {
            replies.rewind(mark);
        }
        if (session.replyMode() == ReplyMode.SKIP_THIS) {
            session.replyMode(ReplyMode.ON);
        }
        // ASKING is for the next command, or for all of the transaction that it begins
        if (wasAsking && !session.transaction().open() && (command == null || !command.name().equals("ASKING"))) {
            session.asking(false);
        }
        request.trim();
        return true;
    }

    /** Does with the request what is decided on it; false if it has to wait. */
    private boolean decided(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        switch (admission.decide(session, command, request, slot, execution.nowMs())) {
            case Admission.Verdict.Run _ -> {
                return execution.run(session, command, request, slot, hash);
            }
            case Admission.Verdict.Queue _ -> admission.queue(session, command, request, slot, reply);
            case Admission.Verdict.Refuse(CommandException reason, boolean redirected) -> {
                refusals.reject(session, command, reason, redirected);
                execution.lap();
            }
            case Admission.Verdict.Wait _ -> {
                return false;
            }
        }
        return true;
    }
}
