package io.granary.tools.cluster;

import io.granary.slots.SlotSet;
import java.util.List;
import java.util.Locale;

/**
 * One thing that is not as it should be.
 *
 * @param kind what it is, for programs
 * @param text what it is, for people
 * @param nodes whom it is about, as addresses
 * @param slots which slots it is about; empty if it is not about slots
 */
public record Finding(Kind kind, String text, List<String> nodes, SlotSet slots) {

    /** The things that can be wrong; their names are for programs and do not change. */
    public enum Kind {
        /** A node does not answer. */
        NODE_DOWN(true),
        /** A node calls the cluster failed. */
        STATE_FAIL(true),
        /** A node that answers us is suspected, or taken for dead, by another. */
        SUSPECTED(true),
        /** No primary that answers owns the slot. */
        SLOT_UNCOVERED(true),
        /** Several primaries call the slot theirs. */
        SLOT_OWNERS(true),
        /** A slot is on its way from one node to another, or was left so. */
        SLOT_OPEN(true),
        /** A node has keys of slots that are not its own. */
        STRAY_KEYS(true),
        /** A node sees other owners of slots than those who say that they are. */
        VIEW_DIFFERS(true),
        /** A node does not know another. */
        NODE_UNKNOWN(true),
        /** A replica has no link to its primary, or no primary. */
        REPLICA_LINK(true),
        /** Two primaries claim with the same epoch; they settle that between them. */
        EPOCH_COLLISION(true),
        /** A primary has fewer replicas than was asked for. */
        REPLICAS_FEW(true),
        /** A primary has no replica, although others do. */
        REPLICA_NONE(false),
        /** All replicas of a primary are on its own host, although there are others. */
        SAME_HOST(false);

        private final boolean problem;

        Kind(boolean problem) {
            this.problem = problem;
        }

        /** As programs read it: {@code slot-open}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static Finding of(Kind kind, NodeReport node, String text) {
        return of(kind, node, text, new SlotSet());
    }

    static Finding of(Kind kind, NodeReport node, String text, SlotSet slots) {
        return new Finding(kind, text, List.of(node.address().toString()), slots);
    }

    /** Whether the cluster is unhealthy because of it. */
    public boolean isProblem() {
        return kind.problem;
    }
}
