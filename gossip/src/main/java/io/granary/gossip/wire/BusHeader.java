package io.granary.gossip.wire;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.SlotBitmap;

/**
 * What every message says about its sender.
 *
 * @param currentEpoch the sender's
 * @param configEpoch its own, or its primary's
 * @param offset its replication offset
 * @param slots those that it claims; a replica sends its primary's
 * @param primary whom it replicates, null for a primary
 * @param ip announced, empty when the receiver shall take the address that it sees
 * @param port the client port; with tls-cluster the one for TLS
 * @param secondPort the other one of the two, 0 when there is none
 * @param flags bits of {@link NodeFlag}
 * @param ok whether the cluster serves commands from the sender's point of view
 * @param messageFlags {@link #PAUSED}, {@link #FORCE_ACK}, {@link #EXTENSIONS}
 * @param stamp null from nodes of another kind
 */
public record BusHeader(
        NodeId sender,
        long currentEpoch,
        long configEpoch,
        long offset,
        SlotBitmap slots,
        NodeId primary,
        String ip,
        int port,
        int secondPort,
        int busPort,
        int flags,
        boolean ok,
        int messageFlags,
        Stamp stamp) {

    /** Writes are paused for a manual failover. */
    public static final int PAUSED = 1;

    /** Vote even if the primary is up. */
    public static final int FORCE_ACK = 2;

    /** The sender understands ping extensions, and those that it counted follow. */
    public static final int EXTENSIONS = 4;

    /**
     * What nodes of this kind tell each other in header bytes that Redis and Valkey leave zero and do not read. Two messages
     * of one {@code boot} (a random number of the process) are ordered by {@code sequence}.
     *
     * @param answered the sequence number of the ping that this message answers, 0 when it answers none
     * @param promiseMs for how long from the receipt of that ping the sender gives no vote against its receiver; 0 to
     *     {@link #PROMISE_LIMIT_MS}
     * @param standing whether the sender stands for election, or has been elected and can not say so yet
     * @param behind whether the sender is a primary that has lost data, and is to be succeeded
     * @param sure in a ping: it is to be answered when all that the receiver knows is on its disk; in the answer: that is
     *     so, and the sender agrees with all that the ping claimed
     */
    public record Stamp(
            long boot, long sequence, long answered, int promiseMs, boolean standing, boolean behind, boolean sure) {

        public static final int PROMISE_LIMIT_MS = 0xffff;

        public Stamp {
            if (promiseMs < 0 || promiseMs > PROMISE_LIMIT_MS) {
                throw new IllegalArgumentException("promise of " + promiseMs + " ms");
            }
        }

        /** A message that is no answer. */
        public Stamp(long boot, long sequence) {
            this(boot, sequence, 0, 0, false, false, false);
        }
    }

    public BusHeader with(Stamp newStamp) {
        return with(configEpoch, newStamp);
    }

    public BusHeader with(long newConfigEpoch) {
        return with(newConfigEpoch, stamp);
    }

    public BusHeader with(SlotBitmap newSlots) {
        return with(newSlots, configEpoch, stamp);
    }

    private BusHeader with(long newConfigEpoch, Stamp newStamp) {
        return with(slots, newConfigEpoch, newStamp);
    }

    private BusHeader with(SlotBitmap newSlots, long newConfigEpoch, Stamp newStamp) {
        return new BusHeader(
                sender,
                currentEpoch,
                newConfigEpoch,
                offset,
                newSlots,
                primary,
                ip,
                port,
                secondPort,
                busPort,
                flags,
                ok,
                messageFlags,
                newStamp);
    }

    public boolean is(NodeFlag flag) {
        return (flags & flag.bit()) != 0;
    }

    public boolean has(int messageFlag) {
        return (messageFlags & messageFlag) != 0;
    }

    public boolean isPrimary() {
        return primary == null;
    }
}
