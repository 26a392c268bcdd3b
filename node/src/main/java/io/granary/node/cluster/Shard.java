package io.granary.node.cluster;

import io.granary.gossip.ClusterView;
import io.granary.gossip.ClusterView.OwnedRange;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A primary and its replicas with the slots that they serve.
 *
 * @param nodes the primary first, if it is known
 */
record Shard(List<OwnedRange> ranges, List<NodeView> nodes) {

    /** The shards of a cluster, each with all nodes that say they are of it. */
    static List<Shard> of(ClusterView view) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        for (NodeView node : view.nodes()) {
            if (!node.is(NodeFlag.HANDSHAKE)) {
                Shard shard = shards.computeIfAbsent(node.shard(), _ -> new Shard(new ArrayList<>(), new ArrayList<>()));
                shard.nodes().add(node.isPrimary() ? 0 : shard.nodes().size(), node);
            }
        }
        for (OwnedRange range : view.ranges()) {
            shards.get(range.owner().shard()).ranges().add(range);
        }
        return List.copyOf(shards.values());
    }
}
