package io.granary.node.cluster;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.CommandFlag.WHOLE_KEYSPACE;

import io.granary.gossip.OperatorRequest;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.command.Arguments;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The CLUSTER subcommands about slots: who owns them, and which keys of theirs are here. */
public final class ClusterSlotsCommands {

    static final CommandException INVALID_SLOT = Errors.err("Invalid or out of range slot");

    private final ClusterServices services;
    private final OperatorReplies replies;
    private final SetSlotCommand setSlot;

    ClusterSlotsCommands(ClusterServices services, SetSlotCommand setSlot) {
        this.services = services;
        this.setSlot = setSlot;
        this.replies = new OperatorReplies(services);
    }

    public List<Command<SlotCall>> table() {
        return Command.family(
                Group.CLUSTER,
                Command.of("CLUSTER ADDSLOTS", "slot [slot ...]", services.inCluster(this::addSlots))
                        .doc("3.0.0", "O(N) where N is the total number of hash slot arguments",
                                "Assigns new hash slots to a node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER ADDSLOTSRANGE", "start-slot end-slot [start-slot end-slot ...]",
                                services.inCluster(this::addSlotsRange))
                        .doc("7.0.0", "O(N), N slots in the ranges.", "Assigns new hash slot ranges to a node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER COUNTKEYSINSLOT", "slot", services.inCluster(this::countKeysInSlot))
                        .doc("3.0.0", "O(1)", "Returns the number of keys in a hash slot.")
                        .flags(STALE, WHOLE_KEYSPACE),
                Command.of("CLUSTER DELSLOTS", "slot [slot ...]", services.inCluster(this::delSlots))
                        .doc("3.0.0", "O(N) where N is the total number of hash slot arguments",
                                "Sets hash slots as unbound for a node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER DELSLOTSRANGE", "start-slot end-slot [start-slot end-slot ...]",
                                services.inCluster(this::delSlotsRange))
                        .doc("7.0.0", "O(N), N slots in the ranges.", "Sets hash slot ranges as unbound for a node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER FLUSHSLOTS", "", services.inCluster(this::flushSlots))
                        .doc("3.0.0", "O(1)", "Deletes all slots information from a node.")
                        .flags(ADMIN, STALE, NO_ASYNC_LOADING),
                Command.of("CLUSTER GETKEYSINSLOT", "slot count", services.inCluster(this::getKeysInSlot))
                        .doc("3.0.0", "O(N) where N is the number of requested keys",
                                "Returns the key names in a hash slot.")
                        .flags(STALE, WHOLE_KEYSPACE)
                        .tips("nondeterministic_output"),
                Command.of("CLUSTER KEYSLOT", "key:string", services.inCluster(this::keySlot))
                        .doc("3.0.0", "O(N) where N is the number of bytes in the key", "Returns the hash slot for a key.")
                        .flags(STALE),
                setSlot.row());
    }

    private void addSlots(SlotCall call) {
        replies.ok(call, new OperatorRequest.AddSlots(slots(call.request())));
    }

    private void delSlots(SlotCall call) {
        replies.ok(call, new OperatorRequest.DelSlots(slots(call.request())));
    }

    private void addSlotsRange(SlotCall call) {
        replies.ok(call, new OperatorRequest.AddSlots(slotsOfRanges(call.request(), "cluster|addslotsrange")));
    }

    private void delSlotsRange(SlotCall call) {
        replies.ok(call, new OperatorRequest.DelSlots(slotsOfRanges(call.request(), "cluster|delslotsrange")));
    }

    private static int[] slots(Request request) {
        return IntStream.range(2, request.count()).map(i -> slot(request, i)).toArray();
    }

    private static int[] slotsOfRanges(Request request, String command) {
        if (request.count() % 2 == 1) {
            throw Errors.wrongArity(command);
        }
        // one more than there are: then some are named twice, which is refused whatever else is named
        int[] slots = new int[Slot.COUNT + 1];
        int count = 0;
        for (int i = 2; i < request.count(); i += 2) {
            int first = slot(request, i);
            int last = slot(request, i + 1);
            if (first > last) {
                throw Errors.err("start slot number " + first + " is greater than end slot number " + last);
            }
            for (int slot = first; slot <= last && count < slots.length; slot++) {
                slots[count++] = slot;
            }
        }
        return Arrays.copyOf(slots, count);
    }

    static int slot(Request request, int argument) {
        long slot = Arguments.integer(request, argument, INVALID_SLOT);
        if (!Slot.isValid(slot)) {
            throw INVALID_SLOT;
        }
        return (int) slot;
    }

    private void flushSlots(SlotCall call) {
        if (call.keyspace().size(0) != 0) {
            throw Errors.err("DB must be empty to perform CLUSTER FLUSHSLOTS.");
        }
        replies.ok(call, new OperatorRequest.FlushSlots());
    }

    private void keySlot(SlotCall call) {
        Request request = call.request();
        call.reply().integer(Slot.of(request.bytes(), request.offset(2), request.length(2)));
    }

    private void countKeysInSlot(SlotCall call) {
        long slot = call.integerArg(2);
        if (!Slot.isValid(slot)) {
            throw Errors.err("Invalid slot");
        }
        call.reply().integer(SetSlotCommand.keysIn(call.keyspace(), (int) slot));
    }

    private void getKeysInSlot(SlotCall call) {
        long slot = call.integerArg(2);
        long count = call.integerArg(3);
        if (!Slot.isValid(slot) || count < 0) {
            throw Errors.err("Invalid slot or number of keys");
        }
        StripeLock lock = call.keyspace().lock((int) slot);
        lock.lock();
        try {
            replyKeys(call.reply(), call.keyspace().storeIfPresent(0, (int) slot), count);
        } finally {
            lock.unlock();
        }
    }

    private static void replyKeys(ReplyWriter reply, SlotStore store, long count) {
        if (store == null) {
            reply.array(0);
            return;
        }
        long[] records = records(store, (int) Math.min(count, store.size()));
        reply.array(records.length);
        for (long record : records) {
            reply.bulk(store.memory(), store.keyOffset(record), store.keyLength(record));
        }
    }

    /** The first records of a scan. */
    private static long[] records(SlotStore store, int count) {
        long[] records = new long[count];
        int[] filled = {0};
        long cursor = 0;
        do {
            cursor = store.scan(cursor, count, record -> {
                if (filled[0] < count) {
                    records[filled[0]++] = record;
                }
            });
        } while (cursor != 0 && filled[0] < count);
        return Arrays.copyOf(records, filled[0]);
    }
}
