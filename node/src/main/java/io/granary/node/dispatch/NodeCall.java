package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.util.random.RandomGenerator;

/** One call as the commands of the server itself see it: a slot's call, and the client who made it. */
public final class NodeCall extends SlotCall {

    private final Dispatcher dispatcher;
    private final UnitLog log;
    private final NodeCondition condition;
    private final OwnExpiries ownExpiries;
    private ClientSession session;

    NodeCall(
            Dispatcher dispatcher, Keyspace keyspace, ReplyWriter reply, CallSettings settings, RandomGenerator random) {
        super(keyspace, reply, settings, random);
        this.dispatcher = dispatcher;
        this.log = dispatcher.services().log();
        this.condition = dispatcher.services().condition();
        this.ownExpiries = dispatcher.services().ownExpiries();
    }

    /** The client who calls. */
    public ClientSession session() {
        return session;
    }

    /** Begins a batch of the client's calls. */
    void begin(ClientSession caller, CallSettings current) {
        session = caller;
        if (!effects().isEmpty()) {
            effects().clear();
        }
        if (settings() != current) {
            settings(current);
        }
        noTouch(caller.noTouch());
    }

    /** The dispatcher of the event loop that runs the call. */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Whether the call is part of an EXEC. */
    public boolean inTransaction() {
        return session.transaction().running();
    }

    @Override
    protected void noted(SlotStore keys, int keyArg) {
        // a longer name is not remembered: the change is made already, and must not be answered with an error
        if (condition.replica() && !session.ofPrimary() && request().length(keyArg) <= Request.COPY_BYTES_MAX) {
            ownExpiries.changed(keys, request().toBytes(keyArg));
        }
    }

    @Override
    protected boolean removesExpired() {
        return condition.removesExpired();
    }

    @Override
    public boolean recording() {
        return log.active();
    }

    /** Appends to the log what has changed since the last unit; the locks of it are held. EXEC is a unit as a whole. */
    @Override
    public void endUnit() {
        if (!effects().isEmpty() && !inTransaction()) {
            session.profile().lastWriteOffset(log.append(effects()));
            effects().clear();
        }
    }
}
