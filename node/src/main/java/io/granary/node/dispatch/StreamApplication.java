package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.node.client.LoopBuffers;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.resp.RequestDecoder;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Errors;
import io.granary.slots.keyspace.Keyspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Applies a primary's stream on one event loop, unit by unit: a request, or all from MULTI to EXEC.
 *
 * <p>A unit is applied and its follower told of its bytes under the same locks. So whoever holds all locks, as a snapshot
 * does at its cut, sees data and offset that belong together. The bytes of a unit stay in the caller's input until it is
 * whole: what the log of this node holds never ends in the middle of a transaction.
 *
 * <p>Nothing is refused here: the primary has decided. What cannot be applied ends the stream, since to skip it would let
 * the two nodes differ in silence.
 */
public final class StreamApplication {

    /** So much of what is no request is told. */
    private static final int SHOWN_BYTES = 128;

    private final DispatchServices services;
    private final Keyspace keyspace;
    private final Execution execution;
    private final Admission admission;
    private final RequestBatch batch;
    private final ReplyWriter reply;
    private final ReplyBuffer replies;
    private final ClientSession session;
    private final StreamFollower follower;

    /** How far the bytes of the unfinished unit were decoded; relative to where it begins. */
    private int decoded;

    StreamApplication(
            DispatchServices services, LoopBuffers buffers, Execution execution, Admission admission, Router router,
            ClientSession session, StreamFollower follower) {
        this.services = services;
        this.keyspace = services.keyspace();
        this.execution = execution;
        this.admission = admission;
        this.batch = new RequestBatch(services, router);
        this.reply = buffers.writer();
        this.replies = buffers.replies();
        this.session = session;
        this.follower = follower;
    }

    /**
     * Applies what is whole between {@code from} and {@code to}. Returns the index of the first byte that is still needed:
     * there the next call has to begin, wherever the bytes lie then.
     */
    public int apply(MemorySegment in, int from, int to) throws StreamException {
        execution.begin(session);
        session.profile().active(execution.nowMs());
        int unit = from;
        int at = from + decoded;
        while (at < to) {
            RequestDecoder.Result last = batch.fillAhead(session, in, at, to);
            if (batch.count() > 1) {
                batch.prefetch(session.database());
            }
            for (int i = 0; i < batch.count(); i++) {
                if (!session.transaction().open()) {
                    unit = batch.start(i);
                }
                take(in, unit, i);
            }
            at = batch.decodedTo();
            if (!session.transaction().open()) {
                unit = at;
            }
            if (last == RequestDecoder.Result.ERROR) {
                throw unreadable();
            }
            if (last == RequestDecoder.Result.INCOMPLETE) {
                break;
            }
        }
        decoded = at - unit;
        return unit;
    }

    private StreamException unreadable() {
        String reason = session.decoder().error();
        return StreamException.unreadable(
                reason.isEmpty() ? "a request that is too long, or another protocol" : reason);
    }

    private void take(MemorySegment in, int unit, int i) throws StreamException {
        Request request = batch.request(i);
        Command<NodeCall> command = batch.command(i);
        if (in.get(ValueLayout.JAVA_BYTE, batch.start(i)) != '*') {
            throw StreamException.unreadable(
                    "a request in the inline form: '" + shown(in, batch.start(i), batch.end(i)) + "'");
        }
        boolean asks = follower.asks(request);
        if (!asks) {
            requireApplicable(command, request, batch.slot(i));
        }
        if (session.transaction().open() && !TransactionCommands.runsInsideMulti(command)) {
            queue(command, request, batch.slot(i));
        } else {
            run(in, unit, i, asks);
        }
        request.trim();
    }

    /** As the log can hold it: it may well be an error that the primary has written where requests belong. */
    private static String shown(MemorySegment in, int from, int to) {
        byte[] bytes = in.asSlice(from, Math.min(to - from, SHOWN_BYTES)).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1).strip().replaceAll("[^ -~]", "?");
    }

    private void requireApplicable(Command<NodeCall> command, Request request, int slot) throws StreamException {
        if (command == null || command.body() == null) {
            throw refused(null, Errors.unknownCommand(request).text());
        }
        if (!command.accepts(request.count())) {
            throw refused(command.fullName(), Errors.wrongArity(command).text());
        }
        if (!follower.admits(command, slot)) {
            throw StreamException.inapplicable("'" + command.fullName() + "' of slot " + slot + " does not belong here");
        }
    }

    private StreamException refused(String command, String error) {
        follower.refused(command, error);
        return StreamException.inapplicable(error);
    }

    private void queue(Command<NodeCall> command, Request request, int slot) throws StreamException {
        long mark = replies.mark();
        admission.queue(session, command, request, slot, reply);
        replies.rewind(mark);
        if (session.closing()) {
            throw StreamException.inapplicable("a transaction longer than client-query-buffer-limit");
        }
    }

    private void run(MemorySegment in, int unit, int i, boolean asks) throws StreamException {
        Command<NodeCall> command = batch.command(i);
        int first = firstStripe(command, batch.slot(i));
        int last = first < 0 ? keyspace.stripes() - 1 : first;
        for (int stripe = Math.max(0, first); stripe <= last; stripe++) {
            keyspace.stripe(stripe).lock();
        }
        try {
            if (!follower.current() || services.condition().halted()) {
                throw StreamException.superseded();
            }
            if (!asks) {
                call(command, batch.request(i), batch.slot(i), batch.hash(i));
            }
            if (!session.transaction().open()) {
                follower.applied(in, unit, batch.end(i) - unit, session.database());
            }
        } finally {
            for (int stripe = Math.max(0, first); stripe <= last; stripe++) {
                keyspace.stripe(stripe).unlock();
            }
        }
        if (asks) {
            follower.asked(batch.request(i));
        }
    }

    /** The stripe to lock; -1 for all of them. Without keys it is any one, so that nobody else has all of them. */
    private int firstStripe(Command<NodeCall> command, int slot) {
        boolean exec = TransactionCommands.isExec(command);
        long flags = command == null ? 0 : exec ? session.transaction().queue().flags() : command.flagBits();
        int keys = exec ? session.transaction().queue().slot() : slot;
        if ((flags & CommandFlag.WHOLE_KEYSPACE.bit()) != 0 || keys < Router.NO_KEYS) {
            return -1;
        }
        return keys < 0 ? 0 : keys & keyspace.stripes() - 1;
    }

    private void call(Command<NodeCall> command, Request request, int slot, long hash) throws StreamException {
        long mark = replies.mark();
        long errors = reply.errors();
        execution.run(session, command, request, slot, hash);
        replies.rewind(mark);
        if (reply.errors() != errors) {
            String error = reply.lastError();
            if (error.equals(Errors.OUT_OF_MEMORY.text())) {
                throw StreamException.diverged("there is no memory for what '" + command.name() + "' stores");
            }
            follower.erred(command.name().toLowerCase(java.util.Locale.ROOT), error);
        }
    }
}
