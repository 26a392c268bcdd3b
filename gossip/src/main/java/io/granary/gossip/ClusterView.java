package io.granary.gossip;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The cluster as one node sees it at one moment; immutable, published whole in one volatile field, read by every event loop
 * for every command.
 */
public final class ClusterView {

    /** The number of hash slots of a cluster. */
    public static final int SLOTS = 16384;

    private final NodeView myself;
    private final List<NodeView> nodes;
    private final Owners owners;
    private final long[] mine;
    private final Map<Integer, NodeView> migrating;
    private final Map<Integer, NodeView> importing;
    private final boolean ok;
    private final long currentEpoch;
    private final int size;
    private final List<LinkView> links;
    private final MessageCounts counts;
    private final HandOvers handOvers;

    /**
     * Who owns each slot: by its number, the place of the owner in a row of nodes, or {@link #NOBODY}. The numbers change
     * far less often than what is known of the nodes, so that many views share them; they are not to be changed.
     */
    public record Owners(short[] places, NodeView[] row) {
        public static final short NOBODY = -1;

        NodeView of(int slot) {
            short place = places[slot];
            return place == NOBODY ? null : row[place];
        }
    }

    /**
     * @param nodes all known nodes, myself among them, in a stable order
     * @param mine the slots of this node
     * @param migrating slots on their way to another node, {@code importing} slots on their way here
     * @param ok whether the cluster serves commands
     * @param size primaries with at least one slot
     * @param links connections whose peer is known
     * @param counts at most a second old
     * @param handOvers of this node
     */
    public ClusterView(
            NodeView myself,
            List<NodeView> nodes,
            Owners owners,
            SlotBitmap mine,
            Map<Integer, NodeView> migrating,
            Map<Integer, NodeView> importing,
            boolean ok,
            long currentEpoch,
            int size,
            List<LinkView> links,
            MessageCounts counts,
            HandOvers handOvers) {
        this.myself = myself;
        this.nodes = List.copyOf(nodes);
        this.owners = owners;
        this.mine = mine.all();
        this.migrating = Map.copyOf(migrating);
        this.importing = Map.copyOf(importing);
        this.ok = ok;
        this.currentEpoch = currentEpoch;
        this.size = size;
        this.links = List.copyOf(links);
        this.counts = counts;
        this.handOvers = handOvers;
    }

    public NodeView myself() {
        return myself;
    }

    public List<NodeView> nodes() {
        return nodes;
    }

    /** The node of that name, or null. */
    public NodeView node(NodeId id) {
        for (NodeView node : nodes) {
            if (node.id().equals(id)) {
                return node;
            }
        }
        return null;
    }

    /** The replicas of a primary that this node knows. */
    public List<NodeView> replicasOf(NodeId primary) {
        return nodes.stream().filter(node -> primary.equals(node.primary())).toList();
    }

    /** The slots that a node owns. */
    public SlotBitmap slotsOf(NodeView node) {
        return SlotBitmap.of(IntStream.range(0, SLOTS).filter(slot -> owners.of(slot) == node));
    }

    /** All ranges of neighbouring slots that have one owner, in ascending order; slots without an owner are left out. */
    public List<OwnedRange> ranges() {
        List<OwnedRange> ranges = new ArrayList<>();
        int start = 0;
        for (int slot = 1; slot <= SLOTS; slot++) {
            if (slot == SLOTS || owners.places[slot] != owners.places[start]) {
                if (owners.of(start) != null) {
                    ranges.add(new OwnedRange(start, slot - 1, owners.of(start)));
                }
                start = slot;
            }
        }
        return ranges;
    }

    /** Slots {@code first} to {@code last}, both included, and who owns them. */
    public record OwnedRange(int first, int last, NodeView owner) {}

    /** The owner of the slot, or null. */
    public NodeView owner(int slot) {
        return owners.of(slot);
    }

    /** Whether for certain all slots have the owners that they had in an earlier view; null is no view. */
    public boolean ownersAs(ClusterView earlier) {
        return earlier != null && earlier.owners.places == owners.places;
    }

    /** Whether this node itself owns the slot. */
    public boolean isMine(int slot) {
        return (mine[slot >> 6] & 1L << slot) != 0;
    }

    /** Where the slot is migrating to, or null. */
    public NodeView migratingTo(int slot) {
        return migrating.get(slot);
    }

    /** Where the slot is being imported from, or null. */
    public NodeView importingFrom(int slot) {
        return importing.get(slot);
    }

    public Map<Integer, NodeView> migrating() {
        return migrating;
    }

    public Map<Integer, NodeView> importing() {
        return importing;
    }

    /** Whether nothing is being migrated or imported: the common case, in one field. */
    public boolean settled() {
        return migrating.isEmpty() && importing.isEmpty();
    }

    public boolean ok() {
        return ok;
    }

    public long currentEpoch() {
        return currentEpoch;
    }

    /** The number of primaries with at least one slot. */
    public int size() {
        return size;
    }

    public List<LinkView> links() {
        return links;
    }

    public MessageCounts counts() {
        return counts;
    }

    /** What changes hands between this node and others, without operators' {@link #migrating} and {@link #importing}. */
    public HandOvers handOvers() {
        return handOvers;
    }
}
