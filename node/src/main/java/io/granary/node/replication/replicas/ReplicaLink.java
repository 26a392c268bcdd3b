package io.granary.node.replication.replicas;

import io.granary.node.client.ClientSession;
import io.granary.node.client.ClientText;
import io.granary.node.client.Follower;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.replication.LogReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One replica: its connection, and how far it is.
 *
 * <p>It waits for a full sync, is sent one, and is online from then on; or it goes on from where it was and is online
 * at once, which is when the log is sent ({@link LogSender}). Everything is written on the event loop of its connection.
 */
public final class ReplicaLink implements Follower, ReplicaProgress {

    private static final byte[] NEWLINE = {'\n'};

    /** How far a replica has come. */
    public enum Phase {
        /** It waits until a snapshot begins, or until its file is complete, or is sent one as it is made. */
        WAITING("wait_bgsave"),
        /** It is sent the file with the snapshot. */
        SENDING("send_bulk"),
        /** It has all data and is sent the log. */
        ONLINE("online");

        private final String text;

        Phase(String text) {
            this.text = text;
        }

        /** As INFO names it. */
        public String text() {
            return text;
        }
    }

    private final Replicas replicas;
    private final ClientSession session;
    private final Channel channel;
    private final ReplicaTerms terms;
    /** Whether it came by SYNC: such a replica never tells how far it is. */
    private final boolean silent;
    private final long sinceNanos;

    private volatile Phase phase = Phase.WAITING;
    private volatile boolean gone;
    private volatile long ackedOffset;
    private volatile long fsyncedOffset;
    private volatile long ackNanos;
    private volatile long overSoftLimitSince;
    private final AtomicBoolean dropped = new AtomicBoolean();

    private final LogSender sender;

    // A snapshot on its way, as it is made.
    private final AtomicLong snapshotPendingBytes = new AtomicLong();
    private volatile long snapshotProgressNanos;

    ReplicaLink(Replicas replicas, ClientSession session, ReplicaTerms terms, boolean silent) {
        this.replicas = replicas;
        this.session = session;
        this.channel = session.channel();
        this.terms = terms;
        this.silent = silent;
        sender = new LogSender(replicas.acknowledgements(), replicas.counts(), channel, this::lost);
        sinceNanos = replicas.nanos();
        ackNanos = sinceNanos;
        snapshotProgressNanos = sinceNanos;
    }

    // ---- what is known of it ----

    public Phase phase() {
        return phase;
    }

    @Override
    public boolean isOnline() {
        return phase == Phase.ONLINE;
    }

    ReplicaTerms terms() {
        return terms;
    }

    boolean silent() {
        return silent;
    }

    boolean isGone() {
        return gone;
    }

    /** When it asked for synchronization. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** The address under which it is known: announced, or where it connects from. */
    public String address() {
        if (!terms.address().isEmpty()) {
            return terms.address();
        }
        String peer = session.profile().address();
        int colon = peer.lastIndexOf(':');
        String host = colon < 0 ? peer : peer.substring(0, colon);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The port on which it serves clients, 0 if it has not said. */
    public int port() {
        return terms.port();
    }

    /** As the log names it. */
    String name() {
        return address() + ":" + (port() == 0 ? "<unknown-replica-port>" : String.valueOf(port()));
    }

    /** As CLIENT LIST shows it. */
    String text() {
        return ClientText.of(session);
    }

    @Override
    public long ackedOffset() {
        return ackedOffset;
    }

    /** How far it says its append-only file is on disk. */
    public long fsyncedOffset() {
        return fsyncedOffset;
    }

    @Override
    public long lagSeconds() {
        return phase == Phase.ONLINE ? TimeUnit.NANOSECONDS.toSeconds(replicas.nanos() - ackNanos) : 0;
    }

    boolean timedOut(long timeoutNanos) {
        return phase == Phase.ONLINE && !silent && replicas.nanos() - ackNanos > timeoutNanos;
    }

    @Override
    public long waitingBytes() {
        return sender.behind() + snapshotPendingBytes.get();
    }

    /** Whether it is further behind than it may be, or has been for too long. */
    boolean tooSlow(OutputBufferLimits.Limit limit, long allowance) {
        long waiting = waitingBytes();
        if (limit.hard() != 0 && waiting > times(limit.hard(), allowance)) {
            return true;
        }
        if (limit.soft() == 0 || waiting <= times(limit.soft(), allowance)) {
            overSoftLimitSince = 0;
            return false;
        }
        long now = replicas.nanos();
        if (overSoftLimitSince == 0) {
            overSoftLimitSince = now;
        }
        return now - overSoftLimitSince > TimeUnit.SECONDS.toNanos(limit.softSeconds());
    }

    private static long times(long bytes, long allowance) {
        return bytes > Long.MAX_VALUE / allowance ? Long.MAX_VALUE : bytes * allowance;
    }

    // ---- its life ----

    /** From here on the connection is the replica's. */
    void attach() {
        session.follow(this);
        if (replicas.settings().gathering()) {
            channel.config().setOption(ChannelOption.TCP_NODELAY, false);
        }
    }

    /** Ends the connection of one that is too slow; false if somebody has done so already. From any thread. */
    boolean drop() {
        boolean first = dropped.compareAndSet(false, true);
        if (first) {
            close();
        }
        return first;
    }

    /** Ends the connection; the reason was logged. From any thread. */
    void close() {
        session.close();
    }

    @Override
    public void gone() {
        gone = true;
        sender.close();
        replicas.left(this);
    }

    /** Runs something on its event loop; not at all when the node is about to end. */
    private void onLoop(Runnable task) {
        if (!channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(task);
        }
    }

    private ByteBuf buffer(byte[] bytes) {
        return channel.alloc().directBuffer(bytes.length).writeBytes(bytes);
    }

    private ByteBuf ascii(String text) {
        return ByteBufUtil.writeAscii(channel.alloc(), text);
    }

    // ---- partial sync ----

    /** Goes on from where the replica was. On its event loop. */
    void goOn(LogReader from, String historyId) {
        sender.place(from);
        ackNanos = replicas.nanos();
        // at once, since there may be nothing behind it to send
        channel.writeAndFlush(
                ascii(terms.renames() ? "+CONTINUE " + historyId + "\r\n" : "+CONTINUE\r\n"), channel.voidPromise());
        phase = Phase.ONLINE;
        replicas.changed();
        sender.start();
    }

    // ---- full sync ----

    /** Tells the replica where its snapshot stands; what is appended from there on waits in the log. From any thread. */
    void announce(String historyId, long offset, LogReader from) {
        onLoop(() -> {
            if (gone) {
                from.close();
                return;
            }
            if (terms.snapshotOnly()) {
                from.close();
            } else {
                sender.place(from);
            }
            if (!silent) {
                channel.writeAndFlush(ascii("+FULLRESYNC " + historyId + ' ' + offset + "\r\n"), channel.voidPromise());
            }
        });
    }

    /** A byte that keeps a replica that waits from losing patience. From any thread. */
    void keepAlive() {
        onLoop(() -> {
            if (!gone && phase == Phase.WAITING) {
                channel.writeAndFlush(buffer(NEWLINE), channel.voidPromise());
            }
        });
    }

    /** Bytes of a snapshot that were handed over and not taken by the socket. From any thread. */
    long snapshotPendingBytes() {
        return snapshotPendingBytes.get();
    }

    /** Whether bytes of a snapshot wait and the socket has taken none for so long. From any thread. */
    boolean snapshotStuck(long timeoutNanos) {
        return snapshotPendingBytes.get() > 0 && replicas.nanos() - snapshotProgressNanos > timeoutNanos;
    }

    /**
     * Sends bytes of a snapshot, and releases them; {@code sent} is told when the socket has taken them. From any
     * thread.
     */
    void snapshot(ByteBuf bytes, Runnable sent) {
        int length = bytes.readableBytes();
        if (snapshotPendingBytes.getAndAdd(length) == 0) {
            snapshotProgressNanos = replicas.nanos();
        }
        if (channel.eventLoop().isShuttingDown()) {
            bytes.release();
            return;
        }
        channel.eventLoop().execute(() -> channel.writeAndFlush(bytes).addListener(_ -> {
            snapshotPendingBytes.addAndGet(-length);
            snapshotProgressNanos = replicas.nanos();
            replicas.counts().sent(length);
            sent.run();
        }));
    }

    /** The snapshot was handed over as it was made; the log follows when the replica says that it has found the end. */
    void snapshotSent() {
        onLoop(() -> {
            if (gone) {
                return;
            }
            if (terms.snapshotOnly()) {
                closeBehindSnapshot();
            } else {
                replicas.log().notice("Streamed RDB transfer with replica " + name() + " succeeded (socket). Waiting for"
                        + " REPLCONF ACK from replica to enable streaming");
                online();
            }
        });
    }

    /** Sends a file with a snapshot, and the log behind it. From any thread. */
    void sendFile(SnapshotFile file) {
        onLoop(() -> {
            if (gone) {
                file.release();
                return;
            }
            phase = Phase.SENDING;
            channel.write(ascii("$" + file.length() + "\r\n"), channel.voidPromise());
            sendFile(file, 0);
        });
    }

    private void sendFile(SnapshotFile file, long from) {
        if (gone) {
            file.release();
        } else if (from == file.length()) {
            file.release();
            fileSent();
        } else {
            ByteBuf part = file.read(from, channel.alloc());
            if (part == null) {
                replicas.log().warning("Read error sending DB to replica " + name());
                file.release();
                close();
                return;
            }
            int length = part.readableBytes();
            channel.writeAndFlush(part).addListener(_ -> {
                replicas.counts().sent(length);
                onLoop(() -> sendFile(file, from + length));
            });
        }
    }

    private void fileSent() {
        if (terms.snapshotOnly()) {
            closeBehindSnapshot();
        } else {
            online();
            sender.start();
        }
    }

    private void closeBehindSnapshot() {
        replicas.log().notice("RDB transfer completed, rdb only replica (" + name() + ") should be disconnected asap");
        channel.writeAndFlush(channel.alloc().buffer(0)).addListener(_ -> session.close());
    }

    private void online() {
        ackNanos = replicas.nanos();
        phase = Phase.ONLINE;
        replicas.log().notice("Synchronization with replica " + name() + " succeeded");
        replicas.changed();
    }

    /** The replica says how far it is. On its event loop. */
    void acknowledge(long offset, long fsynced) {
        ackedOffset = Math.max(ackedOffset, offset);
        fsyncedOffset = Math.max(fsyncedOffset, fsynced);
        ackNanos = replicas.nanos();
        if (phase == Phase.ONLINE) {
            sender.start();
            replicas.acknowledgements().acknowledged();
        }
    }

    // ---- the log ----

    /** Has it sent what is new. From any thread; costs a few reads if there is nothing. */
    void wake() {
        sender.wake();
    }

    @Override
    public void writable() {
        sender.send();
    }

    private void lost() {
        replicas.log().notice("Disconnecting replica " + name() + ": its history was given up");
        close();
    }
}
