package io.granary.node.dispatch;

import io.granary.gossip.ClusterView;
import io.granary.node.client.ClientSession;
import io.granary.node.client.ClientSession.ReplyMode;
import io.granary.node.client.LoopBuffers;
import io.granary.node.metrics.LoopStatistics;
import io.granary.resp.ArgumentTooLongException;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.resp.RequestDecoder;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Errors;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import io.granary.slots.memory.MemoryExhaustedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;

/**
 * Runs the requests of one event loop's clients, in place: the loop that read the bytes decodes them, takes the lock of the
 * slot, runs the command's body and writes the reply.
 *
 * <h2>Batches</h2>
 * What one read brought is decoded up to {@value #BATCH} requests ahead. Before the first of them runs, the table lines and
 * then the records of all their keys are read once. The reads do not depend on each other, so the processor has their cache
 * misses under way at the same time; run one after the other, each command would wait for its own. The touched memory may
 * belong to somebody else by then, since no lock is held: it is only read, never believed.
 *
 * <p>Looking ahead is safe only while no request can change how the next one is understood. So a client that has not
 * authenticated, or is in a transaction, gets one request at a time, and an inline request is decoded only when it is next.
 *
 * <h2>Order</h2>
 * A request that cannot run now (its client is paused, or does not read its replies) stops the batch: it and all behind it
 * stay in the client's input and are decoded again later.
 */
public final class Dispatcher {

    private static final int BATCH = 64;

    /** Behind a request with so many arguments nothing is decoded ahead: their places lie on the heap. */
    private static final int ARGUMENTS_BEFORE_CUT = 1024;

    /** Replies are sent before a batch's end when they grow beyond this, in bytes. */
    private static final int REPLY_BYTES_BEFORE_FLUSH = 1024 * 1024;

    /** How old the time may be that commands of a batch see, in nanoseconds. */
    private static final long NOW_NANOS_MAX = 1_000_000;

    private static final long FOR_DATA = CommandFlag.READONLY.bit() | CommandFlag.WRITE.bit();

    private final DispatchServices services;
    private final Keyspace keyspace;
    private final boolean clustered;
    private final ReplyWriter reply;
    private final ReplyBuffer replies;
    private final NodeCall call;
    private final Router router = new Router();
    private final Admission admission;
    private final LoopStatistics statistics;

    private final Request[] requests = new Request[BATCH];
    private final int[] ends = new int[BATCH];
    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type cannot be made otherwise
    private final Command<NodeCall>[] commands = new Command[BATCH];
    private final int[] slots = new int[BATCH];
    private final long[] hashes = new long[BATCH];
    private int filled;
    private int decodedTo;
    private long nowMs;
    private long nowReadNanos;
    private long lapNanos;
    /** Errors that the commands inside the running one have answered with: EXEC's own are only those beyond them. */
    private long errorsInside;
    private long touched;

    /** {@code random} is this loop's own. */
    public Dispatcher(DispatchServices services, LoopBuffers buffers, RandomGenerator random) {
        this.services = services;
        this.keyspace = services.keyspace();
        this.clustered = keyspace.clustered();
        this.reply = buffers.writer();
        this.replies = buffers.replies();
        this.call = new NodeCall(this, keyspace, reply, services.callSettings(), random);
        this.statistics = new LoopStatistics(services.table().size());
        this.admission = new Admission(services);
        for (int i = 0; i < BATCH; i++) {
            requests[i] = new Request();
        }
    }

    public LoopStatistics statistics() {
        return statistics;
    }

    public DispatchServices services() {
        return services;
    }

    Router router() {
        return router;
    }

    /** Ends the client's transaction, as EXEC, DISCARD and RESET do. */
    public void endTransaction(ClientSession session) {
        session.transaction().end(keyspace, services.watchBudget());
        session.refresh();
    }

    /** The client is gone. */
    public void forget(ClientSession session) {
        session.transaction().discard();
        session.transaction().unwatch(keyspace, services.watchBudget());
    }

    /**
     * Runs the requests between {@code from} and {@code to}, as far as they are whole and their client may run them; replies
     * are left in the loop's reply buffer. Returns the index of the first byte that is still needed.
     */
    public int run(ClientSession session, MemorySegment in, int from, int to) {
        nowMs = services.clock().unixMs();
        lapNanos = services.clock().nanos();
        nowReadNanos = lapNanos;
        long start = lapNanos;
        session.profile().active(nowMs);
        call.begin(session, services.callSettings());
        reply.resp3(session.resp3());
        int next = runAll(session, in, from, to);
        statistics.cycle(lapNanos - start);
        return next;
    }

    private int runAll(ClientSession session, MemorySegment in, int from, int to) {
        int at = from;
        while (at < to && session.mayRun()) {
            RequestDecoder.Result last = decode(session, in, at, to);
            if (filled > 1) {
                prefetch(session);
            }
            int ran = runBatch(session);
            if (ran < filled) {
                session.decoder().reset();
                trim(ran);
                return session.closing() ? to : ran == 0 ? at : ends[ran - 1];
            }
            at = decodedTo;
            if (last == RequestDecoder.Result.INCOMPLETE) {
                return at;
            }
            if (last == RequestDecoder.Result.ERROR) {
                // behind QUIT nobody cares any more
                if (!session.closing()) {
                    refuse(session);
                }
                return to;
            }
        }
        return session.closing() ? to : at;
    }

    // ---- decoding ahead ----

    /** Fills the batch from {@code at} on; {@link #decodedTo} is then the end of the last whole request. */
    private RequestDecoder.Result decode(ClientSession session, MemorySegment in, int at, int to) {
        RequestDecoder decoder = session.decoder();
        int wanted = session.plain() && services.condition().quiet() ? BATCH : 1;
        session.swapUnfinished(requests);
        filled = 0;
        decodedTo = at;
        RequestDecoder.Result result = RequestDecoder.Result.COMPLETE;
        while (filled < wanted && decodedTo < to) {
            if (filled > 0 && in.get(ValueLayout.JAVA_BYTE, decodedTo) != '*') {
                break;
            }
            Request request = requests[filled];
            result = decoder.decode(in, decodedTo, to, request);
            if (result == RequestDecoder.Result.COMPLETE) {
                decodedTo = decoder.consumed();
                ends[filled] = decodedTo;
                locate(filled++);
                if (request.count() > ARGUMENTS_BEFORE_CUT) {
                    break;
                }
            } else if (result == RequestDecoder.Result.EMPTY) {
                decodedTo = decoder.consumed();
            } else {
                if (result == RequestDecoder.Result.INCOMPLETE) {
                    session.keepUnfinished(requests, filled);
                }
                break;
            }
        }
        return result;
    }

    /** Finds the command of a request and where its keys are. */
    private void locate(int i) {
        Request request = requests[i];
        Command<NodeCall> command = services.table().find(request);
        commands[i] = command;
        slots[i] = Router.NO_KEYS;
        if (command == null || !command.accepts(request.count())) {
            return;
        }
        int key = command.firstKey();
        if (key > 0 && key < request.count()) {
            hashes[i] = keyspace.hash(request.bytes(), request.offset(key), request.length(key));
        }
        if (clustered) {
            slots[i] = router.slotOf(request, command);
        } else if (key > 0 || command.movableKeys()) {
            slots[i] = 0;
        }
    }

    /** Reads the tables' lines and then the records that the batch will need; see the class comment. */
    private void prefetch(ClientSession session) {
        int database = session.database();
        long sum = 0;
        for (int i = 0; i < filled; i++) {
            if (slots[i] >= 0) {
                SlotStore store = keyspace.storeIfPresent(database, slots[i]);
                if (store != null) {
                    sum += store.touchTable(hashes[i]);
                }
            }
        }
        for (int i = 0; i < filled; i++) {
            if (slots[i] >= 0) {
                SlotStore store = keyspace.storeIfPresent(database, slots[i]);
                if (store != null) {
                    sum += store.touchRecord(hashes[i]);
                }
            }
        }
        touched += sum;
    }

    /** What the prefetching reads add up to: kept so that the compiler must make them. */
    long touched() {
        return touched;
    }

    // ---- running ----

    /** Runs the batch; returns how many requests were run, fewer than it holds when one has to wait or the client is gone. */
    private int runBatch(ClientSession session) {
        for (int i = 0; i < filled; i++) {
            if (!runOne(session, i)) {
                return i;
            }
            if (replies.size() > REPLY_BYTES_BEFORE_FLUSH) {
                session.flush();
            }
            if (!session.mayRun() && i + 1 < filled) {
                return i + 1;
            }
        }
        return filled;
    }

    /** Gives up the places of requests that were looked at too early, lest a long one's stay for ever. */
    private void trim(int ran) {
        for (int i = ran; i < filled; i++) {
            requests[i].trim();
        }
    }

    private boolean runOne(ClientSession session, int i) {
        Request request = requests[i];
        Command<NodeCall> command = commands[i];
        boolean inTheWay = !session.plain() || !services.condition().quiet();
        if (inTheWay || command == null || !command.accepts(request.count()) || command.is(CommandFlag.PROTECTED)
                || command.body() == null) {
            return runGuarded(session, command, request, slots[i], hashes[i]);
        }
        execute(session, command, request, slots[i], hashes[i]);
        request.trim();
        return true;
    }

    /** The long way: for clients and times that are not plain, and for requests that will be refused. */
    private boolean runGuarded(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        if (command == null && (request.is(0, "POST") || request.is(0, "HOST:"))) {
            cutOff(session);
            return true;
        }
        long mark = replies.mark();
        boolean replying = session.replyMode() == ReplyMode.ON;
        if (session.replyMode() == ReplyMode.SKIP_NEXT) {
            session.replyMode(ReplyMode.SKIP_THIS);
        }
        boolean wasAsking = session.asking();
        session.profile().called(command);
        switch (admission.decide(session, command, request, slot, nowMs)) {
            case Admission.Verdict.Run _ -> execute(session, command, request, slot, hash);
            case Admission.Verdict.Queue _ -> admission.queue(session, command, request, slot, reply);
            case Admission.Verdict.Wait _ -> {
                if (session.replyMode() == ReplyMode.SKIP_THIS) {
                    session.replyMode(ReplyMode.SKIP_NEXT);
                }
                return false;
            }
            case Admission.Verdict.Refuse(CommandException reason, boolean redirected) ->
                reject(session, command, reason, redirected);
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

    /** Refuses a request before it runs; in a transaction the whole transaction is spoiled with it. */
    private void reject(
            ClientSession session, Command<NodeCall> command, CommandException reason, boolean redirected) {
        String text = reason.text();
        if (command != null) {
            statistics.rejected(command.index());
            if (TransactionCommands.isExec(command)) {
                endTransaction(session);
                if (!redirected) {
                    String cause = text.startsWith("ERR ") ? text.substring(4) : text;
                    text = "EXECABORT Transaction discarded because of: " + cause;
                }
            }
        }
        session.transaction().breakOff();
        error(text);
        lapNanos = services.clock().nanos();
    }

    void error(String text) {
        reply.error(text);
        statistics.error(text);
    }

    /** Runs a command that was admitted and notes how long it took. */
    private void execute(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        long errors = reply.errors();
        errorsInside = 0;
        session.profile().called(command);
        boolean here = slot >= 0
                ? runLocked(session, command, request, slot, hash) : runUnlocked(session, command, request, slot, hash);
        if (here) {
            finish(session, command, request, reply.errors() - errors - errorsInside);
        } else {
            statistics.rejected(command.index());
            lapNanos = services.clock().nanos();
        }
        lookUp(session, command);
    }

    private boolean runLocked(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        StripeLock lock = keyspace.lock(slot);
        lock.lock();
        try {
            boolean here = !clustered || hereUnderLock(session, command, request, slot);
            if (here) {
                body(command, request, slot, hash);
            }
            return here;
        } finally {
            lock.unlock();
        }
    }

    private boolean runUnlocked(ClientSession session, Command<NodeCall> command, Request request, int slot, long hash) {
        boolean here = slot == Router.NO_KEYS || hereUnderLock(session, command, request, slot);
        if (here) {
            body(command, request, 0, hash);
        }
        return here;
    }

    /** Runs the body; the locks of its keys are held. */
    private void body(Command<NodeCall> command, Request request, int slot, long hash) {
        long mark = replies.mark();
        long errors = reply.errors();
        long inside = errorsInside;
        try {
            call.begin(request, call.session().database(), slot, nowMs, command.firstKey(), hash);
            command.body().run(call);
            if (reply.errors() - errors > errorsInside - inside) {
                statistics.error(reply.lastError());
            }
        } catch (CommandException e) {
            replies.rewind(mark);
            error(e.text());
        } catch (MemoryExhaustedException _) {
            replies.rewind(mark);
            error(Errors.OUT_OF_MEMORY.text());
        } catch (ArgumentTooLongException _) {
            replies.rewind(mark);
            error("ERR an argument is longer than this command takes");
        }
    }

    /** Runs a command that EXEC has come to; the locks of all keys of the transaction are held. */
    void runInExec(ClientSession session, Command<NodeCall> command, Request request) {
        long began = lapNanos;
        lapNanos = services.clock().nanos();
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
        int slot = clustered ? Math.max(0, router.slotOf(request, command)) : 0;
        boolean keyed = key > 0 && key < request.count();
        long hash = keyed ? keyspace.hash(request.bytes(), request.offset(key), request.length(key)) : 0;
        body(command, request, slot, hash);
    }

    /** Whether the slot of EXEC's queue was handed over before its locks were taken; the redirect is then written. */
    boolean runsElsewhere(NodeCall exec) {
        return clustered && !hereUnderLock(
                exec.session(), services.table().find(exec.request()), exec.request(),
                exec.session().transaction().queue().slot());
    }

    /** Whether the slot is served here by the view of this moment; if not, the redirect is written. */
    private boolean hereUnderLock(ClientSession session, Command<NodeCall> command, Request request, int slot) {
        ClusterView view = services.view();
        if (Router.runsHere(view, slot)) {
            return true;
        }
        CommandException elsewhere = admission.elsewhere(session, command, request, slot, view);
        if (elsewhere == null) {
            return true;
        }
        error(elsewhere.text());
        return false;
    }

    /** Statistics, monitors, slow log and latency of a call that has just ended with so many errors of its own. */
    private void finish(ClientSession session, Command<NodeCall> command, Request request, long errors) {
        long now = services.clock().nanos();
        long elapsed = now - lapNanos;
        lapNanos = now;
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
            call.begin(session, services.callSettings());
        }
    }

    long nowMs() {
        return nowMs;
    }

    /** Ends the connection of a client that speaks HTTP: a browser that was tricked would take any answer for a page. */
    private static void cutOff(ClientSession session) {
        session.registry().foreignProtocol(session);
        session.close();
    }

    /** Answers bytes that are no request and ends the connection. */
    private void refuse(ClientSession session) {
        RequestDecoder decoder = session.decoder();
        if (decoder.foreignProtocol()) {
            cutOff(session);
        } else if (decoder.error().isEmpty()) {
            session.registry().inputTooLong(session);
            session.close();
        } else {
            session.registry().protocolError(session, decoder.error());
            error("ERR " + decoder.error());
            session.closeAfterReply();
        }
    }
}
