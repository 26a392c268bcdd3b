package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.DENYOOM;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.WRITE;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.RW;
import static io.granary.slots.command.KeyFlag.UPDATE;

import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.IntegerText;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.SlotStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The commands that count in strings. */
public final class CounterCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.STRING,
        Command.of("DECR", "key", CounterCommands::decr)
                .doc("1.0.0", "O(1)", "Subtracts one from an integer; a missing key counts as 0.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, ACCESS, UPDATE),
        Command.of("DECRBY", "key decrement", CounterCommands::decrby)
                .doc("1.0.0", "O(1)", "Subtracts a number from an integer; a missing key counts as 0.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, ACCESS, UPDATE),
        Command.of("INCR", "key", CounterCommands::incr)
                .doc("1.0.0", "O(1)", "Adds one to an integer; a missing key counts as 0.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, ACCESS, UPDATE),
        Command.of("INCRBY", "key increment", CounterCommands::incrby)
                .doc("1.0.0", "O(1)", "Adds a number to an integer; a missing key counts as 0.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, ACCESS, UPDATE),
        Command.of("INCRBYFLOAT", "key increment:double", CounterCommands::incrbyfloat)
                .doc("2.6.0", "O(1)", "Adds to a floating point number; a missing key counts as 0.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, ACCESS, UPDATE));

    private static final long NO_EXPIRY = -1;

    private CounterCommands() {}

    private static void incr(SlotCall call) {
        add(call, 1);
    }

    private static void decr(SlotCall call) {
        add(call, -1);
    }

    private static void incrby(SlotCall call) {
        add(call, call.integerArg(2));
    }

    private static void decrby(SlotCall call) {
        long decrement = call.integerArg(2);
        if (decrement == Long.MIN_VALUE) {
            throw Errors.err("decrement would overflow");
        }
        add(call, -decrement);
    }

    private static void add(SlotCall call, long increment) {
        long record = call.lookupWrite(1);
        long value = record == SlotStore.NONE ? 0 : integerIn(call, record);
        long sum = value + increment;
        if (((value ^ sum) & (increment ^ sum)) < 0) {
            throw Errors.OVERFLOW;
        }
        call.putInteger(1, record, sum, expiryOf(call, record));
        call.changed(1, "incrby");
        call.reply().integer(sum);
    }

    private static long expiryOf(SlotCall call, long record) {
        return record == SlotStore.NONE ? NO_EXPIRY : call.store().expiry(record);
    }

    private static long integerIn(SlotCall call, long record) {
        call.requireString(record);
        SlotStore keys = call.store();
        MemorySegment memory = keys.memory();
        long offset = keys.valueOffset(record);
        long length = keys.valueLength(record);
        if (keys.encoding(record) != Encoding.INT.code && !IntegerText.is(memory, offset, length)) {
            throw Errors.NOT_AN_INTEGER;
        }
        return IntegerText.parse(memory, offset, length);
    }

    private static void incrbyfloat(SlotCall call) {
        long record = call.lookupWrite(1);
        ExtendedDouble.Parsed value = new ExtendedDouble.Finite(ExtendedDouble.ZERO);
        if (record != SlotStore.NONE) {
            call.requireString(record);
            value = floatIn(call.store(), record);
        }
        ExtendedDouble.Parsed increment = ExtendedDouble.parse(call.request().toText(2));
        if (value instanceof ExtendedDouble.Invalid || increment instanceof ExtendedDouble.Invalid) {
            throw Errors.NOT_A_FLOAT;
        }
        ExtendedDouble sum = sum(value, increment);
        if (sum == null) {
            throw Errors.NAN_OR_INFINITY;
        }
        byte[] text = sum.toString().getBytes(StandardCharsets.US_ASCII);
        int encoding = text.length <= SlotCall.EMBEDDED_BYTES_MAX ? Encoding.EMBSTR.code : Encoding.RAW.code;
        MemorySegment bytes = call.scratch(text.length);
        MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length);
        call.putString(1, record, bytes, 0, text.length, encoding, expiryOf(call, record));
        call.changed(1, "incrbyfloat");
        if (call.recording()) {
            // another machine might round another way
            call.rewrite(4).arg("SET").arg(call.request(), 1).arg(bytes, 0, text.length).arg("KEEPTTL");
        }
        call.reply().bulk(text);
    }

    private static ExtendedDouble.Parsed floatIn(SlotStore keys, long record) {
        if (keys.valueLength(record) >= ExtendedDouble.TEXT_BYTES_MAX) {
            return new ExtendedDouble.Invalid();
        }
        return ExtendedDouble.parse(new String(keys.value(record), StandardCharsets.ISO_8859_1));
    }

    /** Null where the sum is infinite or no number. */
    private static ExtendedDouble sum(ExtendedDouble.Parsed one, ExtendedDouble.Parsed other) {
        if (one instanceof ExtendedDouble.Finite(var value) && other instanceof ExtendedDouble.Finite(var increment)) {
            return value.plus(increment);
        }
        return null;
    }
}
