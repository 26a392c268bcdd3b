package io.granary.gossip;

import io.granary.gossip.wire.BusHeader;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What the machine knows of one node of the cluster, itself among them. All times are the machine's, in milliseconds. */
final class Node {

    /** Random while the handshake lasts. */
    NodeId id;

    final Set<NodeFlag> flags = EnumSet.noneOf(NodeFlag.class);
    final long createdMs;

    String ip = "";
    int port;
    int tlsPort;
    int busPort;
    String hostname = "";
    String humanName = "";

    /** Its primary, null for a primary and for a replica whose primary is not known. */
    Node primary;

    /** Of a primary: whether it has had replicas and should have some. */
    boolean hadReplicas;

    /** Of a primary: how many of its replicas work, as {@link ReplicaMigration} has counted them last. */
    int workingReplicas;

    /** Of a primary that should have replicas: since when it has none that works; 0 while it has. */
    long orphanedMs;

    long configEpoch;

    /** Its replication offset. */
    long offset;

    /** When the ping was sent that is not answered yet, 0 when none is. */
    long pingSentMs;

    /** When the ping was sent that was answered last, 0 when none was. */
    long answeredPingSentMs;

    long pongReceivedMs;
    long dataReceivedMs;

    /** The sequence number of the last ping to it if that is not answered yet, else 0; and when it was sent. */
    long askedSequence;

    long askedMs;

    /** Until when, by its promises, it does not vote against this node; given in that config epoch of its own. */
    long leaseUntilMs;

    long wordEpoch;

    /** Until when this node has promised not to vote against it. */
    long promisedUntilMs;

    /** Whether a vote against it waits for the end of that promise. */
    boolean voteWaits;

    /** Whether it has said that it is a primary without all of its data. */
    boolean behind;

    /** Whether it was behind when it failed, and serves again, since no replica has more. */
    boolean waited;

    /** Whether it has paused its writes. */
    boolean paused;

    /** The last election that another of its shard may have won, 0 for none, and when that was noted ({@link Contests}). */
    long contestedEpoch;

    long contestedMs;

    /** When the last ping was sent that it answered as a replica that was not standing for election; 0 for a primary. */
    long bystanderAtMs;

    /** Up to this epoch it is known that it has not been succeeded, or has been told. */
    long settledEpoch;

    /** When a connection to it was first refused, if that is being looked into. */
    long refusedMs;

    /** When it was last told about more than itself. */
    long gossipedMs;

    /** When it was flagged FAIL. */
    long failedMs;

    /** When this node last voted for one of its replicas. */
    long votedMs;

    /** Which one that was; null when none, or in an earlier life. */
    Node votedFor;

    /** Whether the first message to it shall make it add us. */
    boolean meet;

    /** Whether it has told that it reads ping extensions. */
    boolean readsExtensions;

    /** Our connection to it, being made or up; null when none. */
    Link link;

    /** Its connection to us; null when none. */
    Link inbound;

    /** Before this no connection is tried; {@code connectDelayMs} is how long the next failure makes it wait. */
    long connectAfterMs;

    long connectDelayMs;

    /** Who has said when that it fails. */
    final Map<Node, Long> failureReports = new LinkedHashMap<>();

    /** The newest message seen, and the newest link on which its process was seen; null before any. */
    BusHeader.Stamp newest;

    long newestLinkOrder;

    /** Which draw it was in last when it was drawn by lot about whom to gossip. */
    long drawn;

    /** How views show it. */
    NodeView view;

    private String shard;

    private SlotBitmap slots = SlotBitmap.EMPTY;

    Node(NodeId id, String shard, long createdMs) {
        this.id = id;
        this.shard = shard;
        this.createdMs = createdMs;
    }

    boolean is(NodeFlag flag) {
        return flags.contains(flag);
    }

    boolean isPrimary() {
        return flags.contains(NodeFlag.PRIMARY);
    }

    boolean isReplica() {
        return flags.contains(NodeFlag.REPLICA);
    }

    /** Whether it is a primary that has started again without all of its data, and still has as much as that or more. */
    boolean isBackWithNoLessThan(long otherOffset) {
        return behind && offset >= otherOffset;
    }

    /** A primary with slots: it has a vote, and counts for majorities. */
    boolean isVoter() {
        return isPrimary() && !slots.isEmpty();
    }

    boolean isFailing() {
        return flags.contains(NodeFlag.PFAIL) || flags.contains(NodeFlag.FAIL);
    }

    /**
     * A replica is always of its primary's shard, whatever was told or stored: a node that sees it otherwise would not
     * start.
     */
    String shard() {
        return primary == null ? shard : primary.shard;
    }

    /** Says whether that was news. */
    boolean shard(String newShard) {
        boolean news = !newShard.equals(shard);
        shard = newShard;
        return news;
    }

    int slotCount() {
        return slots.size();
    }

    SlotBitmap slots() {
        return slots;
    }

    /** Only {@link SlotOwners} calls this, so that the table of owners says the same. */
    void gain(SlotBitmap gained) {
        slots = slots.plus(gained);
    }

    /** As {@link #gain}. */
    void lose(SlotBitmap lost) {
        slots = slots.minus(lost);
    }

    @Override
    public String toString() {
        return humanName.isEmpty() ? id.hex() : id.hex() + " (" + humanName + ")";
    }
}
