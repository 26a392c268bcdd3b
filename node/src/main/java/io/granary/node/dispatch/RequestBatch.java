package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.resp.Request;
import io.granary.resp.RequestDecoder;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Requests of one client, decoded ahead of their turn.
 *
 * <p>What one read brought is decoded up to {@value #SIZE} requests ahead. Before the first of them runs, the table lines
 * and then the records of all their keys are read once. The reads do not depend on each other, so the processor has their
 * cache misses under way at the same time; run one after the other, each command would wait for its own. The touched memory
 * may belong to somebody else by then, since no lock is held: it is only read, never believed.
 *
 * <p>Looking ahead is safe only while no request can change how the next one is understood. So a client that has not
 * authenticated, or is in a transaction, gets one request at a time, and an inline request is decoded only when it is next.
 */
final class RequestBatch {

    private static final int SIZE = 64;

    /** Behind a request with so many arguments nothing is decoded ahead: their places lie on the heap. */
    private static final int ARGUMENTS_BEFORE_CUT = 1024;

    private final NodeCondition condition;
    private final CommandTable<NodeCall> table;
    private final Keyspace keyspace;
    private final boolean clustered;
    private final Router router;

    private final Request[] requests = new Request[SIZE];
    private final int[] starts = new int[SIZE];
    private final int[] ends = new int[SIZE];
    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type cannot be made otherwise
    private final Command<NodeCall>[] commands = new Command[SIZE];
    private final int[] slots = new int[SIZE];
    private final long[] hashes = new long[SIZE];
    private int count;
    private int decodedTo;
    private long touched;

    RequestBatch(DispatchServices services, Router router) {
        this.condition = services.condition();
        this.table = services.table();
        this.keyspace = services.keyspace();
        this.clustered = keyspace.clustered();
        this.router = router;
        for (int i = 0; i < SIZE; i++) {
            requests[i] = new Request();
        }
    }

    // ---- what it holds ----

    /** How many whole requests there are. */
    int count() {
        return count;
    }

    /** Where the last whole request ends, and the empty lines behind it. */
    int decodedTo() {
        return decodedTo;
    }

    Request request(int i) {
        return requests[i];
    }

    /** The request's command, or null if there is none of that name. */
    Command<NodeCall> command(int i) {
        return commands[i];
    }

    /** As {@link Router#slotOf}. */
    int slot(int i) {
        return slots[i];
    }

    /** The hash of the request's first key; means nothing if it has none. */
    long hash(int i) {
        return hashes[i];
    }

    /** Where the request begins. */
    int start(int i) {
        return starts[i];
    }

    /** Where the request ends. */
    int end(int i) {
        return ends[i];
    }

    // ---- decoding ----

    /** Takes in what lies between {@code at} and {@code to}, as much of it as may be decoded ahead; tells how that ended. */
    RequestDecoder.Result fill(ClientSession session, MemorySegment in, int at, int to) {
        return fill(session, in, at, to, session.plain() && condition.quiet() ? SIZE : 1);
    }

    /** As {@link #fill} for a primary's stream, in which no request changes how the next one is understood. */
    RequestDecoder.Result fillAhead(ClientSession session, MemorySegment in, int at, int to) {
        return fill(session, in, at, to, SIZE);
    }

    private RequestDecoder.Result fill(ClientSession session, MemorySegment in, int at, int to, int wanted) {
        RequestDecoder decoder = session.decoder();
        session.unfinished().takeBack(requests);
        count = 0;
        decodedTo = at;
        RequestDecoder.Result result = RequestDecoder.Result.COMPLETE;
        while (count < wanted && decodedTo < to) {
            if (count > 0 && in.get(ValueLayout.JAVA_BYTE, decodedTo) != '*') {
                break;
            }
            Request request = requests[count];
            result = decoder.decode(in, decodedTo, to, request);
            if (result == RequestDecoder.Result.COMPLETE) {
                starts[count] = decodedTo;
                decodedTo = decoder.consumed();
                ends[count] = decodedTo;
                locate(count++);
                if (request.count() > ARGUMENTS_BEFORE_CUT) {
                    break;
                }
            } else if (result == RequestDecoder.Result.EMPTY) {
                decodedTo = decoder.consumed();
            } else {
                if (result == RequestDecoder.Result.INCOMPLETE) {
                    session.unfinished().keep(requests, count);
                }
                break;
            }
        }
        return result;
    }

    /** Finds the command of a request and where its keys are. */
    private void locate(int i) {
        Request request = requests[i];
        Command<NodeCall> command = table.find(request);
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
    void prefetch(int database) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            if (slots[i] >= 0) {
                SlotStore store = keyspace.storeIfPresent(database, slots[i]);
                if (store != null) {
                    sum += store.touchTable(hashes[i]);
                }
            }
        }
        for (int i = 0; i < count; i++) {
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

    /** Gives up the places of requests that were looked at too early, lest a long one's stay for ever. */
    void trim(int ran) {
        for (int i = ran; i < count; i++) {
            requests[i].trim();
        }
    }
}
