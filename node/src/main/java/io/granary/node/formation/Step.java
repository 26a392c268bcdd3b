package io.granary.node.formation;

import java.util.List;

/** What a node does next on its way into the cluster. */
sealed interface Step {

    /** Asks again in a moment; {@code reason} says for what it waits. */
    record Wait(String reason) implements Step {}

    /**
     * Makes free slots its own, in the config epoch that this share of them has from the start, and then has itself
     * introduced to the founder; null for the founder itself.
     */
    record TakeSlots(int first, int last, long configEpoch, Place founder) implements Step {}

    /** Has itself introduced to nodes. */
    record Meet(List<Place> places) implements Step {
        public Meet {
            places = List.copyOf(places);
        }
    }

    /** Becomes a replica of the node with that name. */
    record Follow(String primary) implements Step {}

    /** Is in the cluster, as {@code what}. */
    record Done(String what) implements Step {}

    /** Where a node is met: an address literal, its port for clients, and that of its bus. */
    record Place(String ip, int port, int busPort) {
        @Override
        public String toString() {
            return ip + ":" + port;
        }
    }
}
