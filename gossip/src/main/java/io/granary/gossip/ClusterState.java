package io.granary.gossip;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** What all parts of the machine share: the nodes, who owns which slot, the epochs, the time of the input at hand. */
final class ClusterState {

    /** In a cluster of more nodes, news of others that come in a crowd wait for the tick. */
    private static final int SMALL = 64;

    /** News that come within such a time are a crowd. */
    private static final long CROWD_MS = 100;

    /** A primary that has lost slots to its own shard follows its successor by then, or never. */
    private static final long SUCCEEDED_LEAST_MS = 1000;

    final RandomGenerator random;
    final Outbox out = new Outbox();

    GossipSettings settings;
    Node myself;
    long nowMs;

    /** The greatest epoch that was heard of. */
    long currentEpoch;

    /** The config epoch of this node as the disk has it: the one that others are told. */
    long storedConfigEpoch;

    /** The epoch of the last vote granted. */
    long lastVoteEpoch;

    /** Where the replication of this node stood when it was last told. */
    ReplicationStatus replication = ReplicationStatus.NONE;

    /** Whether this node came from another shard and has not been in step with its primary yet: its data is another's. */
    boolean newcomer;

    /** Where the stream of this primary ends while its writes are paused for a manual failover; -1 while they are not. */
    long pausedOffset = -1;

    /** The primary whose place this node has taken, until that is on disk and may be told; null otherwise. */
    Node succeeded;

    /** Whether this node stands for election. */
    boolean standing;

    /** Whether this node is a primary that has lost data and waits to be succeeded; see {@link Yielding}. */
    boolean behind;

    /** Whether this process serves less than an earlier one had: it was {@link #behind}, and nobody had more. */
    boolean hollow;

    /** Whether this process began with less data than an earlier one had. */
    boolean startedWithLess;

    /** What this replica's primary has itself told this process that it claims. */
    SlotBitmap claimedByPrimary = SlotBitmap.EMPTY;

    /** Whether this node was elected with the input at hand. */
    boolean elected;

    /** The slots that this primary gives out of its hands; null for none. */
    SlotGrant granting;

    /** Whether the config epoch must stay as it is, since a hand-over of slots is open ({@link HandOver}). */
    boolean epochBound;

    /** The other side of a hand-over in which this node claims slots, wants them, and is not sure yet; null otherwise. */
    Node rival;

    /** Slots that this node claims, but has told nobody so, or with {@code toldReplicas} only its own replicas. */
    SlotBitmap untold = SlotBitmap.EMPTY;

    boolean toldReplicas;

    /** Slots that this node claims at the end of a hand-over, is not sure of yet, or of which its successor may not be. */
    SlotBitmap claimed = SlotBitmap.EMPTY;

    /** Slots whose keys are kept though another node may own them. */
    SlotBitmap kept = SlotBitmap.EMPTY;

    /** Who has taken the last slot of this primary, which follows it when the hand-over is over; null otherwise. */
    Node emptiedBy;

    /** Whether the cluster serves commands. */
    boolean ok;

    /** Slots of this node on their way to another node, and slots on their way here. */
    final TreeMap<Integer, Node> migrating = new TreeMap<>();

    final TreeMap<Integer, Node> importing = new TreeMap<>();

    private final Map<NodeId, Node> byId = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Node> nodesToRead = Collections.unmodifiableList(nodes);
    private final SlotOwners owners = new SlotOwners();
    private final LostSlots lost = new LostSlots();
    private int contested;

    /** How many voters there are; -1 where they are to be counted again. */
    private int voters = -1;

    private long removals;
    private long changes;
    private long learnedMs;
    private boolean viewChanged;
    private boolean timesChanged;
    private boolean healthChanged;

    ClusterState(GossipSettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /** All nodes in the order in which they were added, this node first. */
    List<Node> nodes() {
        return nodesToRead;
    }

    /** A copy, for loops that remove nodes. */
    Collection<Node> nodesNow() {
        return List.copyOf(nodes);
    }

    Node randomNode() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    /** The node of that name, null when unknown. */
    Node node(NodeId id) {
        return byId.get(id);
    }

    /** The node of that name as an operator wrote it, null when unknown. */
    Node node(String id) {
        return NodeId.isValid(id) ? byId.get(new NodeId(id)) : null;
    }

    void add(Node node) {
        byId.put(node.id, node);
        nodes.add(node);
        voters = -1;
    }

    void rename(Node node, NodeId id) {
        byId.remove(node.id);
        node.id = id;
        byId.put(id, node);
    }

    /** Forgets a node and every trace of it, but for its links. */
    void remove(Node node) {
        release(node.slots());
        migrating.values().removeIf(target -> target == node);
        importing.values().removeIf(source -> source == node);
        attach(node, null);
        nodes.remove(node);
        byId.remove(node.id);
        contest(node, 0);
        voters = -1;
        removals++;
        for (Node other : nodes) {
            other.failureReports.remove(node);
            other.votedFor = other.votedFor == node ? null : other.votedFor;
            if (other.primary == node) {
                other.shard(node.shard());
                other.primary = null;
            }
        }
        changed();
    }

    /** A node has taken the place of another: slots that were on their way there, or from there, go or come with it. */
    void succeeds(Node successor, Node predecessor) {
        Node other = successor == myself ? null : successor;
        migrating.replaceAll((_, target) -> target == predecessor && other != null ? other : target);
        importing.replaceAll((_, source) -> source == predecessor && other != null ? other : source);
    }

    /**
     * A node replicates that primary from now on, null for none. Who has lost its last replica to another primary, or to
     * forgetting, is not missing any; who has lost it by a failover, or to a failure, is.
     */
    void attach(Node node, Node primary) {
        Node left = node.primary;
        if (left == primary) {
            return;
        }
        node.primary = primary;
        if (node == myself) {
            lost.forgetPrimary();
            claimedByPrimary = SlotBitmap.EMPTY;
        }
        if (primary != null) {
            primary.hadReplicas = true;
            node.hadReplicas = false;
        } else {
            node.hadReplicas = left.hadReplicas;
        }
        if (left != null && nodes.stream().noneMatch(other -> other.primary == left)) {
            left.hadReplicas = false;
        }
        changed();
    }

    /** A node is a primary, or a replica, from now on. */
    void becomes(Node node, NodeFlag role) {
        node.flags.remove(NodeFlag.PRIMARY);
        node.flags.remove(NodeFlag.REPLICA);
        node.flags.add(role);
        voters = -1;
    }

    /** A node is contested in that epoch, 0 when it is not any more. */
    void contest(Node node, long epoch) {
        contested += (epoch > 0 ? 1 : 0) - (node.contestedEpoch > 0 ? 1 : 0);
        node.contestedEpoch = epoch;
    }

    /** All that are contested. */
    List<Node> contested() {
        if (contested == 0) {
            return List.of();
        }
        List<Node> found = new ArrayList<>(contested);
        for (Node node : nodes) {
            if (node.contestedEpoch > 0) {
                found.add(node);
            }
        }
        return found;
    }

    Node owner(int slot) {
        return owners.of(slot);
    }

    /** Whether every slot has an owner. */
    boolean allOwned() {
        return owners.isComplete();
    }

    /** Moves on whenever a slot changes its owner, or a node its place in {@link #nodes}. */
    long ownerChanges() {
        return owners.changes() + removals;
    }

    /** Gives slots to a node, whoever had them. */
    void assign(SlotBitmap slots, Node node) {
        boolean taken = owners.assign(slots, node);
        voters = -1;
        if (node == myself) {
            lost.foundHere(slots);
        } else if (node == myself.primary) {
            lost.foundInShard(slots);
        }
        if (taken) {
            changed();
        }
    }

    /** Gives slots to nobody. */
    void release(SlotBitmap slots) {
        if (owners.release(slots)) {
            voters = -1;
            changed();
        }
    }

    /** The nodes that own any of these slots. */
    Set<Node> ownersOf(SlotBitmap slots) {
        return owners.of(slots);
    }

    /** Whether the owner of a slot has stopped claiming it. */
    boolean isAbandoned(int slot) {
        return owners.isAbandoned(slot);
    }

    /** All of these. */
    SlotBitmap abandoned() {
        return owners.abandoned();
    }

    /** The owners of slots claim them no more, or again. */
    void abandon(SlotBitmap slots, boolean areAbandoned) {
        if (owners.abandon(slots, areAbandoned)) {
            changedSoft();
        }
    }

    /** Slots whose keys are to be deleted here, since another node owns them now. */
    void dropKeys(SlotBitmap slots) {
        lost.add(slots.minus(kept));
    }

    /** As {@link #dropKeys}, of slots that have gone from this node to the claimer. */
    void dropKeysFor(Node claimer, SlotBitmap slots) {
        if (claimer.shard().equals(myself.shard())) {
            lost.addSucceeded(slots, nowMs);
        } else {
            dropKeys(slots);
        }
    }

    /** The primary of this replica has lost slots to another shard, by no move that an operator's tool had begun. */
    void lostByPrimary(SlotBitmap slots) {
        lost.addByPrimary(slots);
    }

    /** Those of which the primary may not have deleted all keys. */
    SlotBitmap slotsLostByPrimary() {
        return lost.byPrimary();
    }

    /** What {@link #dropKeys} was told with this input is taken back. */
    void keepLostKeys() {
        lost.keep();
    }

    int[] takeLostSlots() {
        return lost.take();
    }

    /** The number of primaries with at least one slot. */
    int size() {
        if (voters < 0) {
            voters = 0;
            for (Node node : nodes) {
                voters += node.isVoter() ? 1 : 0;
            }
        }
        return voters;
    }

    long greatestConfigEpoch() {
        long greatest = 0;
        for (Node node : nodes) {
            greatest = Math.max(greatest, node.configEpoch);
        }
        return greatest;
    }

    int quorum() {
        return size() / 2 + 1;
    }

    /** The config epoch under which this node claims its slots: its own, or its primary's. */
    long myConfigEpoch() {
        return myself.primary == null ? myself.configEpoch : myself.primary.configEpoch;
    }

    /** Others can see a difference. */
    void changed() {
        changes++;
        viewChanged = true;
        healthChanged = true;
    }

    /** Moves on with every {@link #changed}. */
    long changes() {
        return changes;
    }

    /** Others can see a difference, which can wait for the next tick: a connection, a time. */
    void changedSoon() {
        timesChanged = true;
    }

    void tick() {
        viewChanged |= timesChanged;
        long leaveMs = nowMs - Math.max(SUCCEEDED_LEAST_MS, 2 * settings.nodeTimeoutMs());
        dropKeys(lost.takeSucceeded(leaveMs));
        timesChanged = false;
    }

    boolean takeViewChanged() {
        boolean taken = viewChanged;
        viewChanged = false;
        return taken;
    }

    boolean takeHealthChanged() {
        boolean taken = healthChanged;
        healthChanged = false;
        return taken;
    }

    /** Changed, and worth keeping over a restart. */
    void changedSoft() {
        changed();
        out.saveSoon();
    }

    /** Changed, and not to be forgotten by a process that dies; a power cut may cost it, as others know it too. */
    void changedForTheProcess() {
        changed();
        out.write();
    }

    /** Changed, and not to be forgotten. */
    void changedDurably() {
        changed();
        out.save();
    }

    /**
     * Another node has told of itself, or was heard of. When a large cluster forms, that happens many times in a moment, and
     * each view and each nodes file takes time by the number of nodes: so only the first of a crowd is shown at once, and
     * saved as soon as it must.
     */
    void learned(boolean durably) {
        boolean crowd = nodes.size() > SMALL && nowMs - learnedMs < CROWD_MS;
        learnedMs = nowMs;
        if (crowd) {
            changes++;
            changedSoon();
            out.saveSoon();
        } else if (durably) {
            changedDurably();
        } else {
            changedSoft();
        }
    }

    void notice(String text) {
        out.log(Output.Level.NOTICE, text);
    }

    void verbose(String text) {
        out.log(Output.Level.VERBOSE, text);
    }

    void warning(String text) {
        out.log(Output.Level.WARNING, text);
    }
}
