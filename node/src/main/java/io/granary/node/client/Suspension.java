package io.granary.node.client;

import io.granary.node.dispatch.Dispatcher;
import io.granary.node.dispatch.WriteLease;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Why one client's further requests wait: the client is paused, a command of it is answered later, or replies of it wait for
 * the lease. They go on when none of that is left. All belongs to the event loop of the connection, except where a method
 * says otherwise.
 */
public final class Suspension {

    private final ClientSession session;
    private final Dispatcher dispatcher;
    private final ReplyWriter writer;
    private boolean suspended;
    private volatile BlockedClient blocked;
    private WithheldReplies withheld;

    Suspension(ClientSession session, Dispatcher dispatcher, ReplyWriter writer) {
        this.session = session;
        this.dispatcher = dispatcher;
        this.writer = writer;
    }

    /** Whether requests wait. */
    boolean suspended() {
        return suspended;
    }

    /** The connection is closed. */
    void gone() {
        if (blocked != null) {
            blocked.gone();
        }
        if (withheld != null) {
            withheld.release();
            withheld = null;
        }
    }

    // ---- pauses ----

    /** Lets the client's further requests wait until {@link #wake}. */
    public void suspend() {
        suspended = true;
    }

    /** Goes on with requests that waited. From any thread. */
    public void wake() {
        session.onLoop(() -> {
            if (blocked == null && withheld == null) {
                suspended = false;
                session.goOn();
            }
        });
    }

    // ---- commands that are answered later ----

    /**
     * Lets the client's further requests wait until the command that runs now is answered. It must not be one of EXEC's, and
     * write no reply.
     *
     * @param timeoutMs after which it is answered in any case; 0 for never
     */
    public BlockedClient block(long timeoutMs, BlockedClient.Ending ending) {
        BlockedClient client = new BlockedClient(this, ending, session.replyMode() != ReplyMode.ON);
        if (timeoutMs > 0) {
            client.timer(session.channel().eventLoop().schedule(client::timeOut, timeoutMs, TimeUnit.MILLISECONDS));
        }
        blocked = client;
        suspended = true;
        return client;
    }

    /** From any thread. */
    void unblock(BlockedClient client, Consumer<ReplyWriter> reply) {
        session.onLoop(() -> {
            client.stopTimer();
            if (session.closing() || blocked != client) {
                return;
            }
            blocked = null;
            suspended = withheld != null;
            if (!client.silent()) {
                writer.resp3(session.resp3());
                reply.accept(writer);
            }
            session.goOn();
        });
    }

    /** The client's command that is answered later, or null. From any thread. */
    public BlockedClient blocked() {
        return blocked;
    }

    // ---- replies that wait for the lease ----

    /** Whether replies wait, behind which those that come have to wait, too. */
    boolean withholds() {
        return withheld != null;
    }

    /** Keeps the replies that were just written until the lease is renewed. */
    void withhold(ReplyBuffer replies) {
        if (withheld == null) {
            withheld = new WithheldReplies(dispatcher.lease().term());
        }
        withheld.take(replies, dispatcher.takeAnswered());
        suspended = true;
        if (!dispatcher.lease().suspends(session)) {
            leaseChanged();
        }
    }

    /** What the lease is waited for has come, or is given up. From any thread. */
    public void leaseChanged() {
        session.onLoop(() -> {
            if (withheld != null) {
                settle();
            } else if (!session.closing() && blocked == null) {
                suspended = false;
                session.goOn();
            }
        });
    }

    private void settle() {
        WriteLease.Verdict verdict = dispatcher.lease().verdict(withheld.term());
        if (verdict == WriteLease.Verdict.WAIT && dispatcher.lease().suspends(session)) {
            return;
        }
        WithheldReplies settled = withheld;
        withheld = null;
        suspended = blocked != null;
        if (session.dropsReplies()) {
            settled.release();
        } else if (verdict == WriteLease.Verdict.REFUSE) {
            refuse(settled);
        } else {
            session.send(settled);
        }
        if (session.closing()) {
            session.flush();
        } else {
            session.goOn();
        }
    }

    /** A client that does not get every reply could not tell which of them the errors stand for. */
    private void refuse(WithheldReplies refused) {
        if (session.replyMode() == ReplyMode.ON) {
            refused.refuse(writer, "CLUSTERDOWN The cluster is down");
        } else {
            refused.release();
            session.close();
        }
    }
}
