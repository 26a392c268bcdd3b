package io.granary.node.replication.replicas;

import io.granary.node.client.BlockedClient;
import io.granary.node.client.ClientSession;
import io.granary.resp.ReplyWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongToIntFunction;

/** The clients that wait until replicas have what they wrote: WAIT. */
final class Acknowledgements {

    private final LongToIntFunction reached;
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private volatile boolean any;

    /** @param reached how many replicas have everything up to an offset */
    Acknowledgements(LongToIntFunction reached) {
        this.reached = reached;
    }

    private final class Waiting implements BlockedClient.Ending {

        private final long offset;
        private final long wanted;
        private volatile BlockedClient client;

        Waiting(long offset, long wanted) {
            this.offset = offset;
            this.wanted = wanted;
        }

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.integer(reached.applyAsInt(offset));
        }

        @Override
        public void ended() {
            forget(this);
        }
    }

    /** Answers the client when so many replicas have reached an offset, or its time is over. */
    void await(ClientSession session, long offset, long wanted, long timeoutMs) {
        Waiting added = new Waiting(offset, wanted);
        synchronized (this) {
            waiting.add(added);
            any = true;
        }
        added.client = session.suspension().block(timeoutMs, added);
        // one may have said so in between
        acknowledged();
    }

    private synchronized void forget(Waiting gone) {
        waiting.remove(gone);
        any = !waiting.isEmpty();
    }

    /** Those that were begun to wait for. */
    private synchronized List<Waiting> all() {
        return waiting.stream().filter(each -> each.client != null).toList();
    }

    /** A replica has said how far it is. */
    void acknowledged() {
        if (any) {
            for (Waiting each : all()) {
                int replicas = reached.applyAsInt(each.offset);
                if (replicas >= each.wanted) {
                    each.client.answer(reply -> reply.integer(replicas));
                }
            }
        }
    }

    /** Ends all waits. */
    void abandon(Consumer<ReplyWriter> answer) {
        all().forEach(each -> each.client.answer(answer));
    }
}
