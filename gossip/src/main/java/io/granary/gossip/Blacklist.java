package io.granary.gossip;

import io.granary.gossip.wire.PingExtension;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Nodes that were forgotten and are not to be added again from gossip for a while, in which all others can be told, too; of
 * too many the oldest are.
 */
final class Blacklist {

    private static final long FORGET_MS = 60_000;
    private static final long LONGEST_MS = 3_600_000;

    /** As many as a table has nodes at most: peers that make up nodes to forget must not fill the memory. */
    private static final int LIMIT = 4096;

    /** More than this is not told in one frame. */
    private static final int TOLD_LIMIT = 64;

    private final ClusterState state;
    private final LinkedHashMap<NodeId, Long> untilMs = new LinkedHashMap<>();

    Blacklist(ClusterState state) {
        this.state = state;
    }

    /** An operator forgets a node here. */
    void add(NodeId id) {
        put(id, FORGET_MS);
    }

    /** Another node has told that it was forgotten; {@code ttlS} is what is left of its time. */
    void add(NodeId id, long ttlS) {
        put(id, Math.clamp(ttlS, 0, LONGEST_MS / 1000) * 1000);
    }

    private void put(NodeId id, long forMs) {
        if (untilMs.size() == LIMIT && !untilMs.containsKey(id)) {
            untilMs.pollFirstEntry();
        }
        untilMs.put(id, state.nowMs + forMs);
    }

    /** An operator has met the node again. */
    void remove(NodeId id) {
        untilMs.remove(id);
    }

    boolean contains(NodeId id) {
        expire();
        return untilMs.containsKey(id);
    }

    void clear() {
        untilMs.clear();
    }

    List<PingExtension.ForgottenNode> told() {
        expire();
        return untilMs.entrySet().stream()
                .limit(TOLD_LIMIT)
                .map(entry -> new PingExtension.ForgottenNode(entry.getKey(), (entry.getValue() - state.nowMs) / 1000))
                .toList();
    }

    private void expire() {
        untilMs.values().removeIf(until -> until <= state.nowMs);
    }
}
