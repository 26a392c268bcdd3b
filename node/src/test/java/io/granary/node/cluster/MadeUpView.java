package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.HandOvers;
import io.granary.gossip.LinkView;
import io.granary.gossip.MessageCounts;
import io.granary.gossip.NodeView;
import io.granary.gossip.SlotBitmap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Views of clusters that no machine has seen. */
public final class MadeUpView {

    private MadeUpView() {}

    /**
     * A view without links, counts and hand-overs.
     *
     * @param owners the owner of each slot, null where it has none
     */
    public static ClusterView of(
            NodeView myself, List<NodeView> nodes, NodeView[] owners, Map<Integer, NodeView> migrating,
            Map<Integer, NodeView> importing, boolean ok, long currentEpoch, int size) {
        return of(myself, nodes, owners, migrating, importing, ok, currentEpoch, size, List.of(), MessageCounts.NONE,
                HandOvers.NONE);
    }

    public static ClusterView of(
            NodeView myself, List<NodeView> nodes, NodeView[] owners, Map<Integer, NodeView> migrating,
            Map<Integer, NodeView> importing, boolean ok, long currentEpoch, int size, List<LinkView> links,
            MessageCounts counts, HandOvers handOvers) {
        List<NodeView> row = Arrays.stream(owners).distinct().toList();
        short[] places = new short[ClusterView.SLOTS];
        for (int slot = 0; slot < places.length; slot++) {
            places[slot] = owners[slot] == null ? ClusterView.Owners.NOBODY : (short) row.indexOf(owners[slot]);
        }
        SlotBitmap mine = SlotBitmap.of(
                IntStream.range(0, ClusterView.SLOTS).filter(slot -> owners[slot] == myself).toArray());
        return new ClusterView(
                myself, nodes, new ClusterView.Owners(places, row.toArray(NodeView[]::new)), mine, migrating, importing, ok,
                currentEpoch, size, links, counts, handOvers);
    }
}
