package io.granary.gossip;

import java.util.List;
import java.util.Map;

/**
 * The cluster as one node sees it at one moment; immutable, published whole in one volatile field, read by every event loop
 * for every command.
 */
public final class ClusterView {

    /** The number of hash slots of a cluster. */
    public static final int SLOTS = 16384;

    private final NodeView myself;
    private final List<NodeView> nodes;
    private final NodeView[] owners;
    private final long[] mine;
    private final Map<Integer, NodeView> migrating;
    private final Map<Integer, NodeView> importing;
    private final boolean ok;
    private final long currentEpoch;
    private final int size;

    /**
     * @param nodes all known nodes, myself among them, in a stable order
     * @param owners the owner of each slot, null where it has none; not copied, not to be changed
     * @param migrating slots on their way to another node, {@code importing} slots on their way here
     * @param ok whether the cluster serves commands
     * @param size primaries with at least one slot
     */
    public ClusterView(
            NodeView myself,
            List<NodeView> nodes,
            NodeView[] owners,
            Map<Integer, NodeView> migrating,
            Map<Integer, NodeView> importing,
            boolean ok,
            long currentEpoch,
            int size) {
        this.myself = myself;
        this.nodes = List.copyOf(nodes);
        this.owners = owners;
        this.migrating = Map.copyOf(migrating);
        this.importing = Map.copyOf(importing);
        this.ok = ok;
        this.currentEpoch = currentEpoch;
        this.size = size;
        this.mine = new long[SLOTS / Long.SIZE];
        for (int slot = 0; slot < SLOTS; slot++) {
            if (owners[slot] == myself) {
                mine[slot >> 6] |= 1L << slot;
            }
        }
    }

    public NodeView myself() {
        return myself;
    }

    public List<NodeView> nodes() {
        return nodes;
    }

    /** The owner of the slot, or null. */
    public NodeView owner(int slot) {
        return owners[slot];
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

    public int size() {
        return size;
    }
}
