package io.granary.node.migration;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import java.util.ArrayList;
import java.util.List;

/** The arguments of CLUSTER MIGRATESLOTS, checked in the order and with the words of Valkey 9. */
final class MigrateSlots {

    private static final CommandException INVALID_SLOT = Errors.err("Invalid or out of range slot");
    private static final CommandException NO_INTEGER = Errors.err("value is not an integer or out of range");

    private final Request request;
    private final ClusterView view;
    private final JobLog jobs;
    private int at = 2;

    /** Slots that go to one node. */
    record Group(SlotSet slots, NodeId target) {}

    MigrateSlots(Request request, ClusterView view, JobLog jobs) {
        this.request = request;
        this.view = view;
        this.jobs = jobs;
    }

    List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        SlotSet all = new SlotSet();
        while (at < request.count()) {
            if (!request.is(at, "SLOTSRANGE")) {
                throw Errors.SYNTAX;
            }
            at++;
            SlotSet slots = slots();
            int taken = jobs.taken(MigrationJob.Operation.EXPORT, slots);
            if (taken >= 0) {
                throw Errors.err("I am already migrating slot " + taken + ".");
            }
            if (!disjoint(all, slots)) {
                throw Errors.err("Slot ranges in migrations overlap");
            }
            all.addAll(slots);
            groups.add(new Group(slots, target()));
        }
        return groups;
    }

    private static boolean disjoint(SlotSet one, SlotSet other) {
        SlotSet rest = SlotSet.copyOf(one);
        rest.removeAll(other);
        return rest.size() == one.size();
    }

    private SlotSet slots() {
        List<SlotRange> ranges = ranges(request, at);
        at += 2 * ranges.size();
        SlotSet slots = SlotSet.of(ranges);
        NodeView owner = null;
        for (int slot = slots.next(0); slot >= 0; slot = slots.next(slot + 1)) {
            NodeView each = view.owner(slot);
            if (each == null) {
                throw Errors.err("Slot " + slot + " has no node served.");
            }
            if (owner != null && owner != each) {
                throw Errors.err("Requested slots span multiple shards");
            }
            owner = each;
        }
        if (owner != view.myself()) {
            throw Errors.err("Slots are not served by this node.");
        }
        return slots;
    }

    /** The ranges from an argument on, up to the first that is no number. */
    static List<SlotRange> ranges(Request from, int first) {
        List<SlotRange> ranges = new ArrayList<>();
        for (int i = first; i < from.count() && isNumber(from, i); i += 2) {
            int start = slot(from, i);
            if (i + 1 >= from.count()) {
                throw Errors.err("No end slot for final slot range");
            }
            int end = slot(from, i + 1);
            if (start > end) {
                throw Errors.err("Start slot number " + start + " is greater than end slot number " + end + ".");
            }
            for (SlotRange before : ranges) {
                if (end >= before.first() && start <= before.last()) {
                    throw Errors.err("Slot range " + start + "-" + end + " overlaps with previous range "
                            + before.first() + "-" + before.last() + ".");
                }
            }
            ranges.add(new SlotRange(start, end));
        }
        if (ranges.isEmpty()) {
            throw Errors.err("No slot ranges specified");
        }
        return ranges;
    }

    private static boolean isNumber(Request from, int argument) {
        try {
            Arguments.integer(from, argument, NO_INTEGER);
            return true;
        } catch (CommandException _) {
            return false;
        }
    }

    private static int slot(Request from, int argument) {
        long slot = Arguments.integer(from, argument, INVALID_SLOT);
        if (!Slot.isValid(slot)) {
            throw INVALID_SLOT;
        }
        return (int) slot;
    }

    private NodeId target() {
        if (at + 1 >= request.count() || !request.is(at, "NODE")) {
            throw Errors.SYNTAX;
        }
        String name = request.toText(at + 1);
        at += 2;
        if (name.length() != NodeId.LENGTH) {
            throw Errors.err("Invalid node name: " + name);
        }
        NodeView node = NodeId.isValid(name) ? view.node(new NodeId(name)) : null;
        if (node == null) {
            throw Errors.err("Unknown node name: " + name);
        }
        if (node == view.myself()) {
            throw Errors.err("Target node can not be this node.");
        }
        return node.id();
    }
}
