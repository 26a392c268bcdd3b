package io.granary.node.replication.replicas;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.util.List;

/** A full sync that sends the snapshot as it is made, at the speed of the slowest replica, between marks of its end. */
final class StreamedSync extends FullSync {

    /**
     * What the socket of a replica may not have taken yet before the snapshot waits, in bytes; not more, since its event
     * loop may write all of it in one go while clients wait.
     */
    private static final long WINDOW_BYTES = 256 * 1024;

    /** How long to wait before looking for replicas that are stuck, in milliseconds. */
    private static final long LOOK_MS = 200;

    private final String mark;
    private boolean begun;

    /** @param mark 40 characters that are not in the data but by chance */
    StreamedSync(Replicas replicas, List<ReplicaLink> links, String mark) {
        super(replicas, links);
        this.mark = mark;
    }

    @Override
    public void chunk(ByteBuf bytes) throws IOException, InterruptedException {
        try {
            if (!begun) {
                begun = true;
                announce();
                send(ByteBufUtil.writeAscii(bytes.alloc(), "$EOF:" + mark + "\r\n"));
            }
            awaitRoom();
            send(bytes.retain());
        } finally {
            bytes.release();
        }
    }

    /** Sends to each, and releases. */
    private void send(ByteBuf bytes) {
        for (ReplicaLink link : links()) {
            link.snapshot(bytes.retainedDuplicate(), this::progressed);
        }
        bytes.release();
    }

    private synchronized void progressed() {
        notifyAll();
    }

    /** Waits until no replica has a full window before it, or is gone; one that takes nothing for too long has to go. */
    private synchronized void awaitRoom() throws IOException, InterruptedException {
        requireSomebody();
        while (links().stream().anyMatch(link -> link.snapshotPendingBytes() > WINDOW_BYTES)) {
            wait(LOOK_MS);
            for (ReplicaLink link : links()) {
                if (!link.isGone() && link.snapshotStuck(replicas().settings().timeoutNanos())) {
                    replicas().log().warning("Disconnecting timedout replica (full sync): " + link.name());
                    link.close();
                }
            }
            requireSomebody();
        }
    }

    @Override
    public void done() {
        send(ByteBufUtil.writeAscii(replicas().allocator(), mark));
        end();
        links().forEach(ReplicaLink::snapshotSent);
    }
}
