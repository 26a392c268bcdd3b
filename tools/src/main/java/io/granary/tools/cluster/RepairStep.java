package io.granary.tools.cluster;

import io.granary.slots.SlotSet;
import java.util.List;
import java.util.stream.Collectors;

/** One thing to be done to slots that are not as they should be. None of them removes a key that is nowhere else. */
public sealed interface RepairStep {

    /** The slots that it mends. */
    SlotSet slots();

    /** As programs read it. */
    String kind();

    /** What will be done, for people. */
    String text();

    /** The same for other slots. */
    RepairStep of(SlotSet otherSlots);

    /** Slots without an owner get one. */
    record Cover(SlotSet slots, NodeReport owner) implements RepairStep {
        @Override
        public RepairStep of(SlotSet otherSlots) {
            return new Cover(otherSlots, owner);
        }

        @Override
        public String kind() {
            return "cover";
        }

        @Override
        public String text() {
            return Checkup.slots(slots) + " without an owner: " + owner.address() + " becomes it";
        }
    }

    /** Of several nodes that call slots theirs one stays the owner; the others send it their keys. */
    record Settle(SlotSet slots, NodeReport owner, List<NodeReport> others) implements RepairStep {
        @Override
        public RepairStep of(SlotSet otherSlots) {
            return new Settle(otherSlots, owner, others);
        }

        @Override
        public String kind() {
            return "settle";
        }

        @Override
        public String text() {
            return Checkup.slots(slots) + " with several owners: " + owner.address() + " stays it, and gets the keys of "
                    + addresses(others);
        }
    }

    /** A move that both of its ends know of is brought to its end. */
    record Finish(SlotSet slots, NodeReport source, NodeReport target) implements RepairStep {
        @Override
        public RepairStep of(SlotSet otherSlots) {
            return new Finish(otherSlots, source, target);
        }

        @Override
        public String kind() {
            return "finish";
        }

        @Override
        public String text() {
            return Checkup.slots(slots) + " on the move from " + source.address() + " to " + target.address()
                    + ": the move is finished";
        }
    }

    /** The owner gets the keys that other nodes have of its slots, and nobody's slots stay open. */
    record Collect(SlotSet slots, NodeReport owner, List<NodeReport> holders, List<NodeReport> opened)
            implements RepairStep {
        @Override
        public RepairStep of(SlotSet otherSlots) {
            return new Collect(otherSlots, owner, holders, opened);
        }

        @Override
        public String kind() {
            return holders.isEmpty() ? "close" : "collect";
        }

        @Override
        public String text() {
            String closed = opened.isEmpty() ? "" : "closed at " + addresses(opened);
            String collected = holders.isEmpty() ? ""
                    : "keys go from " + addresses(holders) + " to their owner " + owner.address();
            return Checkup.slots(slots) + ": " + collected + (closed.isEmpty() || collected.isEmpty() ? "" : ", ") + closed;
        }
    }

    private static String addresses(List<NodeReport> nodes) {
        return nodes.stream().map(node -> node.address().toString()).collect(Collectors.joining(", "));
    }
}
