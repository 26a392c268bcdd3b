package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.DENYOOM;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.WRITE;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.INSERT;
import static io.granary.slots.command.KeyFlag.RO;
import static io.granary.slots.command.KeyFlag.RW;
import static io.granary.slots.command.KeyFlag.UPDATE;

import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.memory.MemoryExhaustedException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The commands on parts of strings and on their length. */
public final class StringRangeCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.STRING,
        Command.of("APPEND", "key value", StringRangeCommands::append)
                .doc("2.0.0", "O(1), amortized over calls that append small values.",
                        "Appends a string to the value of a key. Creates the key if it doesn't exist.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, INSERT),
        Command.of("GETRANGE", "key start end", StringRangeCommands::getrange)
                .doc("2.4.0", "O(N), N bytes returned; O(1) for small strings.",
                        "Returns a substring of the string stored at a key.")
                .flags(READONLY)
                .keys(RO, ACCESS),
        Command.of("SETRANGE", "key offset value", StringRangeCommands::setrange)
                .doc("2.2.0", "O(1) for a short value; O(M) for a value of length M.",
                        "Overwrites a part of a string, which is created or padded if need be.")
                .flags(WRITE, DENYOOM)
                .keys(RW, UPDATE),
        Command.of("STRLEN", "key", StringRangeCommands::strlen)
                .doc("2.2.0", "O(1)", "Returns the length of a string value.")
                .flags(READONLY, FAST)
                .keys(RO),
        Command.of("SUBSTR", "key start end", StringRangeCommands::getrange)
                .doc("1.0.0", "O(N), N bytes returned; O(1) for small strings.",
                        "Returns a substring from a string value.")
                .flags(READONLY)
                .keys(RO, ACCESS)
                .deprecated("2.0.0", "`GETRANGE`"));

    private static final long NO_EXPIRY = -1;
    private static final byte[] EMPTY = {};

    private StringRangeCommands() {}

    private static void append(SlotCall call) {
        long record = call.lookupWrite(1);
        long length = call.request().length(2);
        if (record == SlotStore.NONE) {
            call.putArgument(1, SlotStore.NONE, 2, NO_EXPIRY);
        } else {
            call.requireString(record);
            long oldLength = call.store().valueLength(record);
            requireLength(call, oldLength, length);
            writeInto(call, record, oldLength, 2);
            length += oldLength;
        }
        call.changed(1, "append");
        call.reply().integer(length);
    }

    private static void setrange(SlotCall call) {
        long offset = call.integerArg(2);
        if (offset < 0) {
            throw Errors.OFFSET_OUT_OF_RANGE;
        }
        long record = call.lookupWrite(1);
        if (record != SlotStore.NONE) {
            call.requireString(record);
        }
        int length = call.request().length(3);
        if (length == 0) {
            call.reply().integer(record == SlotStore.NONE ? 0 : call.store().valueLength(record));
            return;
        }
        requireLength(call, offset, length);
        record = record == SlotStore.NONE ? zerosAndArgument(call, offset) : writeInto(call, record, offset, 3);
        call.changed(1, "setrange");
        call.reply().integer(call.store().valueLength(record));
    }

    /** Makes the key, or leaves none behind if there is no memory for it. */
    private static long zerosAndArgument(SlotCall call, long offset) {
        long record = call.putString(1, SlotStore.NONE, call.request().bytes(), 0, 0, Encoding.RAW.code, NO_EXPIRY);
        try {
            return writeInto(call, record, offset, 3);
        } catch (MemoryExhaustedException full) {
            call.store().remove(record, call.hash(1));
            throw full;
        }
    }

    /** Refuses strings longer than the server allows, and lengths that overflow. */
    private static void requireLength(SlotCall call, long length, long added) {
        long total = length + added;
        if (total < 0 || total > call.settings().stringBytesMax()) {
            throw Errors.STRING_TOO_LONG;
        }
    }

    /** Writes an argument into the string at {@code offset}, lengthening it with zeros as needed; returns the record. */
    private static long writeInto(SlotCall call, long record, long offset, int valueArg) {
        SlotStore keys = call.store();
        int length = call.request().length(valueArg);
        long newLength = Math.max(keys.valueLength(record), offset + length);
        long written = keys.resize(record, call.hash(1), newLength, Encoding.RAW.code);
        long place = keys.valueOffset(written) + offset;
        MemorySegment.copy(call.request().bytes(), call.request().offset(valueArg), keys.memory(), place, length);
        return written;
    }

    private static void getrange(SlotCall call) {
        long start = call.integerArg(2);
        long end = call.integerArg(3);
        long record = call.lookupRead(1);
        if (record == SlotStore.NONE) {
            call.reply().bulk(EMPTY);
            return;
        }
        call.requireString(record);
        SlotStore keys = call.store();
        long length = keys.valueLength(record);
        if (start < 0 && end < 0 && start > end) {
            call.reply().bulk(EMPTY);
            return;
        }
        long first = Math.max(0, start < 0 ? length + start : start);
        long last = Math.min(Math.max(0, end < 0 ? length + end : end), length - 1);
        if (first > last) {
            call.reply().bulk(EMPTY);
        } else {
            call.reply().bulk(keys.memory(), keys.valueOffset(record) + first, last - first + 1);
        }
    }

    private static void strlen(SlotCall call) {
        long record = call.lookupRead(1);
        if (record == SlotStore.NONE) {
            call.reply().integer(0);
            return;
        }
        call.requireString(record);
        call.reply().integer(call.store().valueLength(record));
    }
}
