package io.granary.node.client;

import io.granary.node.dispatch.Transaction;
import io.granary.resp.RequestDecoder;
import io.granary.resp.RequestLimits;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** What a client has said of itself, and what follows from it for how its requests are understood and run. */
public abstract sealed class ClientState extends ChannelInboundHandlerAdapter permits ClientSession {

    /** A primary's requests were taken by the primary: only what this node can address limits them. */
    private static final RequestLimits STREAM_LIMITS = new RequestLimits(
            16 * 1024 * 1024, InputBuffer.BYTES_MAX, 64 * 1024, InputBuffer.BYTES_MAX, true);

    private final long id;
    private final ClientRegistry registry;
    private final ClientProfile profile;
    private final Transaction transaction;
    private final RequestDecoder decoder;

    private boolean plain;
    private boolean ofPrimary;
    private boolean authenticated;
    private boolean resp3;
    private int database;
    private boolean asking;
    private boolean readOnly;
    private boolean noTouch;
    private boolean monitor;
    private ReplyMode replyMode = ReplyMode.ON;
    private volatile Follower follower;

    ClientState(long id, ClientRegistry registry, ClientProfile profile, boolean authenticated) {
        this.id = id;
        this.registry = registry;
        this.profile = profile;
        this.authenticated = authenticated;
        this.transaction = new Transaction(this);
        this.decoder = new RequestDecoder(registry.limits(authenticated));
        refresh();
    }

    public final long id() {
        return id;
    }

    public final ClientRegistry registry() {
        return registry;
    }

    public final ClientProfile profile() {
        return profile;
    }

    public final Transaction transaction() {
        return transaction;
    }

    public final RequestDecoder decoder() {
        return decoder;
    }

    /** Whether no command needs a second look: authenticated, no transaction, every reply wanted. */
    public final boolean plain() {
        return plain;
    }

    /** Recomputes {@link #plain}; call after a change to anything that it is made of. */
    public final void refresh() {
        plain = authenticated && !transaction.open() && replyMode == ReplyMode.ON && !asking && !readOnly && !monitor
                && follower == null;
    }

    public final boolean authenticated() {
        return authenticated;
    }

    public final void authenticated(boolean on) {
        authenticated = on;
        decoder.limits(registry.limits(on));
        refresh();
    }

    public final boolean resp3() {
        return resp3;
    }

    public final void resp3(boolean on) {
        resp3 = on;
        profile.protocol(on ? 3 : 2);
    }

    /** Whether the other end is this node's primary, whose stream is applied. */
    public final boolean ofPrimary() {
        return ofPrimary;
    }

    /** From here on the connection brings the stream of this node's primary, which is as long as it is. */
    final void followPrimary() {
        ofPrimary = true;
        decoder.limits(STREAM_LIMITS);
    }

    public final int database() {
        return database;
    }

    public final void database(int index) {
        database = index;
        profile.database(index);
    }

    public final boolean asking() {
        return asking;
    }

    public final void asking(boolean on) {
        asking = on;
        refresh();
    }

    public final boolean readOnly() {
        return readOnly;
    }

    public final void readOnly(boolean on) {
        readOnly = on;
        profile.readOnly(on);
        refresh();
    }

    public final boolean noTouch() {
        return noTouch;
    }

    public final void noTouch(boolean on) {
        noTouch = on;
        profile.noTouch(on);
    }

    public final boolean monitor() {
        return monitor;
    }

    public final void monitor(boolean on) {
        monitor = on;
        profile.monitor(on);
        refresh();
    }

    public final ReplyMode replyMode() {
        return replyMode;
    }

    public final void replyMode(ReplyMode mode) {
        replyMode = mode;
        refresh();
    }

    // ---- a replica ----

    /** From here on the connection carries the replication log; its requests are run, but nothing is answered. */
    public final void follow(Follower replica) {
        follower = replica;
        refresh();
    }

    /** What the client has become if it follows this node, else null. From any thread. */
    public final Follower follower() {
        return follower;
    }
}
