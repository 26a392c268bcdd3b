package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.DENYOOM;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.WRITE;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.DELETE;
import static io.granary.slots.command.KeyFlag.INSERT;
import static io.granary.slots.command.KeyFlag.OW;
import static io.granary.slots.command.KeyFlag.RM;
import static io.granary.slots.command.KeyFlag.RO;
import static io.granary.slots.command.KeyFlag.RW;
import static io.granary.slots.command.KeyFlag.UPDATE;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.ValueType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The commands on keys whatever they hold: whether they exist, their type, their removal, their names. */
public final class KeyCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.GENERIC,
        Command.of("COPY", "source destination [DB destination-db] [REPLACE]", KeyCommands::copy)
                .doc("6.2.0", "O(N), N nested items of a collection; O(1) for a string.",
                        "Copies the value of a key to a new key.")
                .flags(WRITE, DENYOOM)
                .keys(RO, ACCESS)
                .keys(OW, UPDATE),
        Command.of("DEL", "key [key ...]", KeyCommands::del)
                .doc("1.0.0", "O(N), N keys removed; O(M) more for a collection of M elements.",
                        "Deletes one or more keys.")
                .flags(WRITE)
                .keys(RM, DELETE)
                .tips("request_policy:multi_shard", "response_policy:agg_sum"),
        Command.of("EXISTS", "key [key ...]", KeyCommands::exists)
                .doc("1.0.0", "O(N) where N is the number of keys to check.",
                        "Determines whether one or more keys exist.")
                .flags(READONLY, FAST)
                .keys(RO)
                .tips("request_policy:multi_shard", "response_policy:agg_sum")
                .history("3.0.3", "Accepts multiple `key` arguments."),
        Command.of("MOVE", "key db", KeyCommands::move)
                .doc("1.0.0", "O(1)", "Moves a key to another database.")
                .flags(WRITE, FAST)
                .keys(RW, ACCESS, UPDATE),
        Command.of("RENAME", "key newkey", KeyCommands::rename)
                .doc("1.0.0", "O(1)", "Renames a key and overwrites the destination.")
                .flags(WRITE)
                .keys(RW, ACCESS, DELETE)
                .keys(OW, UPDATE),
        Command.of("RENAMENX", "key newkey", KeyCommands::renamenx)
                .doc("1.0.0", "O(1)", "Renames a key only when the target key name doesn't exist.")
                .flags(WRITE, FAST)
                .keys(RW, ACCESS, DELETE)
                .keys(OW, INSERT)
                .history("3.2.0", "Source and destination may be the same."),
        Command.of("TOUCH", "key [key ...]", KeyCommands::touch)
                .doc("3.2.1", "O(N) where N is the number of keys that will be touched.",
                        "Counts the keys that exist and refreshes the time of their last access.")
                .flags(READONLY, FAST)
                .keys(RO)
                .tips("request_policy:multi_shard", "response_policy:agg_sum"),
        Command.of("TYPE", "key", KeyCommands::type)
                .doc("1.0.0", "O(1)", "Determines the type of value stored at a key.")
                .flags(READONLY, FAST)
                .keys(RO),
        Command.of("UNLINK", "key [key ...]", KeyCommands::del)
                .doc("4.0.0", "O(1) per key removed; the memory of N allocations is given back in O(N) later.",
                        "Asynchronously deletes one or more keys.")
                .flags(WRITE, FAST)
                .keys(RM, DELETE)
                .tips("request_policy:multi_shard", "response_policy:agg_sum"));

    private KeyCommands() {}

    private static void del(SlotCall call) {
        SlotStore keys = call.store();
        int removed = 0;
        for (int i = 1; i < call.argc(); i++) {
            // A replica hides expired keys, but removes them when its primary says so.
            long record = call.settings().keepExpired() ? call.find(keys, i) : call.live(keys, i);
            if (record != SlotStore.NONE) {
                keys.remove(record, call.hash(i));
                call.changed(i, "del");
                removed++;
            }
        }
        call.reply().integer(removed);
    }

    private static void exists(SlotCall call) {
        int found = 0;
        for (int i = 1; i < call.argc(); i++) {
            if (call.inspect(i) != SlotStore.NONE) {
                found++;
            }
        }
        call.reply().integer(found);
    }

    private static void touch(SlotCall call) {
        int found = 0;
        for (int i = 1; i < call.argc(); i++) {
            if (call.lookupTouch(i) != SlotStore.NONE) {
                found++;
            }
        }
        call.reply().integer(found);
    }

    private static void type(SlotCall call) {
        long record = call.inspect(1);
        call.reply().status(record == SlotStore.NONE ? "none" : ValueType.of(call.store().type(record)).text());
    }

    private static void rename(SlotCall call) {
        if (renamed(call, false)) {
            call.reply().ok();
        }
    }

    private static void renamenx(SlotCall call) {
        call.reply().integer(renamed(call, true) ? 1 : 0);
    }

    /** Whether the first key has the name of the second now; false only where {@code onlyIfMissing} kept it from that. */
    private static boolean renamed(SlotCall call, boolean onlyIfMissing) {
        long source = call.lookupWrite(1);
        if (source == SlotStore.NONE) {
            throw Errors.NO_SUCH_KEY;
        }
        if (sameArguments(call.request(), 1, 2)) {
            return !onlyIfMissing;
        }
        long target = call.lookupWrite(2);
        if (target != SlotStore.NONE && onlyIfMissing) {
            return false;
        }
        SlotStore keys = call.store();
        duplicate(call, source, keys, target, 2);
        keys.remove(source, call.hash(1));
        call.alsoChanged(keys, 1, "rename_from");
        call.changed(2, "rename_to");
        return true;
    }

    private static boolean sameArguments(Request request, int i, int j) {
        MemorySegment bytes = request.bytes();
        int from = request.offset(i);
        int otherFrom = request.offset(j);
        return MemorySegment.mismatch(
                bytes, from, from + (long) request.length(i), bytes, otherFrom, otherFrom + (long) request.length(j)) < 0;
    }

    /** Gives a key in the store {@code target} the value and the expiry of {@code source}, a record of the call's store. */
    private static void duplicate(SlotCall call, long source, SlotStore target, long previous, int keyArg) {
        SlotStore keys = call.store();
        MemorySegment memory = keys.memory();
        long offset = keys.valueOffset(source);
        long length = keys.valueLength(source);
        int encoding = keys.encoding(source);
        long expiryMs = keys.expiry(source);
        Request request = call.request();
        long hash = call.hash(keyArg);
        long record = previous != SlotStore.NONE
                ? target.overwriteString(previous, hash, memory, offset, length, encoding, expiryMs)
                : target.putString(
                        request.bytes(), request.offset(keyArg), request.length(keyArg), hash,
                        memory, offset, length, encoding, expiryMs);
        target.accessClock(record, call.newClock());
    }

    private static void copy(SlotCall call) {
        boolean replace = false;
        int database = call.database();
        for (int i = 3; i < call.argc(); i++) {
            if (call.is(i, "REPLACE")) {
                replace = true;
            } else if (call.is(i, "DB") && i + 1 < call.argc()) {
                i++;
                database = call.databaseArg(i);
            } else {
                throw Errors.SYNTAX;
            }
        }
        if (call.keyspace().clustered() && (call.database() != 0 || database != 0)) {
            throw Errors.err("Copying to another database is not allowed in cluster mode");
        }
        if (database == call.database() && sameArguments(call.request(), 1, 2)) {
            throw Errors.SAME_OBJECT;
        }
        call.reply().integer(copied(call, call.store(database), replace) ? 1 : 0);
    }

    private static boolean copied(SlotCall call, SlotStore target, boolean replace) {
        long source = call.lookupRead(1);
        if (source == SlotStore.NONE) {
            return false;
        }
        long previous = call.lookupWrite(target, 2);
        if (previous != SlotStore.NONE && !replace) {
            return false;
        }
        duplicate(call, source, target, previous, 2);
        call.changed(target, 2, "copy_to");
        return true;
    }

    private static void move(SlotCall call) {
        if (call.keyspace().clustered()) {
            throw Errors.err("MOVE is not allowed in cluster mode");
        }
        int database = call.databaseArg(2);
        if (database == call.database()) {
            throw Errors.SAME_OBJECT;
        }
        call.reply().integer(moved(call, call.store(database)) ? 1 : 0);
    }

    private static boolean moved(SlotCall call, SlotStore target) {
        long source = call.lookupWrite(1);
        if (source == SlotStore.NONE || call.lookupWrite(target, 1) != SlotStore.NONE) {
            return false;
        }
        SlotStore keys = call.store();
        duplicate(call, source, target, SlotStore.NONE, 1);
        keys.remove(source, call.hash(1));
        call.alsoChanged(keys, 1, "move_from");
        call.changed(target, 1, "move_to");
        return true;
    }
}
