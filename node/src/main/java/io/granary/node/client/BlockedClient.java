package io.granary.node.client;

import io.granary.resp.ReplyWriter;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A client whose command is answered later: what else it has sent waits behind it. It ends once, by whoever is first: an
 * answer, the time that the client gave it, CLIENT UNBLOCK, or the end of the connection.
 */
public final class BlockedClient {

    /** What the command does in the end. */
    public interface Ending {

        /** Writes what is answered when the time is over. On the client's event loop. */
        void timedOut(ReplyWriter reply);

        /** Forgets the client: it waits no longer, for whatever reason. From any thread, once. */
        void ended();
    }

    private final Suspension suspension;
    private final Ending ending;
    private final AtomicBoolean over = new AtomicBoolean();
    private final boolean silent;
    private Future<?> timer;

    /** @param silent whether the client wants no answer: CLIENT REPLY */
    BlockedClient(Suspension suspension, Ending ending, boolean silent) {
        this.suspension = suspension;
        this.ending = ending;
        this.silent = silent;
    }

    boolean silent() {
        return silent;
    }

    void timer(Future<?> running) {
        timer = running;
    }

    /** Answers, and lets the client go on; false if it waits no longer. From any thread. */
    public boolean answer(Consumer<ReplyWriter> reply) {
        if (!end()) {
            return false;
        }
        suspension.unblock(this, reply);
        return true;
    }

    /** Answers as if the time were over; false if the client waits no longer. From any thread. */
    public boolean timeOut() {
        return answer(ending::timedOut);
    }

    /** The connection is closed: nobody is answered. */
    void gone() {
        end();
        stopTimer();
    }

    private boolean end() {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        ending.ended();
        return true;
    }

    void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
