package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.KeyFlag.RO;

import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.command.IntegerText;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.SlotStore;
import java.util.List;

/** OBJECT: how a value is stored and how it is used. */
public final class ObjectCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.GENERIC,
        Command.<SlotCall>container("OBJECT")
                .doc("2.2.3", "Depends on subcommand.", "A container for object introspection commands."),
        Command.of("OBJECT ENCODING", "key", ObjectCommands::objectEncoding)
                .doc("2.2.3", "O(1)", "Returns the internal encoding of a Redis object.")
                .flags(READONLY)
                .keys(RO)
                .tips("nondeterministic_output"),
        Command.of("OBJECT FREQ", "key", ObjectCommands::objectFreq)
                .doc("4.0.0", "O(1)", "Returns the logarithmic access frequency counter of a Redis object.")
                .flags(READONLY)
                .keys(RO)
                .tips("nondeterministic_output"),
        Command.of("OBJECT HELP", "", ObjectCommands::objectHelp)
                .doc("6.2.0", "O(1)", "Returns helpful text about the different subcommands.")
                .flags(LOADING, STALE),
        Command.of("OBJECT IDLETIME", "key", ObjectCommands::objectIdletime)
                .doc("2.2.3", "O(1)", "Returns the time since the last access to a Redis object.")
                .flags(READONLY)
                .keys(RO)
                .tips("nondeterministic_output"),
        Command.of("OBJECT REFCOUNT", "key", ObjectCommands::objectRefcount)
                .doc("2.2.3", "O(1)", "Returns the reference count of a value of a key.")
                .flags(READONLY)
                .keys(RO)
                .tips("nondeterministic_output"));

    /** Redis keeps one object for each of the integers from 0 up to this, and answers so many references to it. */
    private static final long SHARED_INTEGERS = 10_000;
    private static final long SHARED_REFERENCES = Integer.MAX_VALUE;

    private static final HelpText HELP = new HelpText(
            "ENCODING <key>",
            "    Return the kind of internal representation used in order to store the value",
            "    associated with a <key>.",
            "FREQ <key>",
            "    Return the access frequency index of the <key>. The returned integer is",
            "    proportional to the logarithm of the recent access frequency of the key.",
            "IDLETIME <key>",
            "    Return the idle time of the <key>, that is the approximated number of",
            "    seconds elapsed since the last access to the key.",
            "REFCOUNT <key>",
            "    Return the number of references of the value associated with the specified",
            "    <key>.");

    private static final String SWITCHING = " Please note that when switching between policies at runtime LRU and LFU data"
            + " will take some time to adjust.";

    private ObjectCommands() {}

    private static void objectHelp(SlotCall call) {
        HELP.write(call.request(), call.reply());
    }

    private static void objectEncoding(SlotCall call) {
        long record = call.inspect(2);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
        } else {
            call.reply().bulk(Encoding.of(call.store().encoding(record)).text());
        }
    }

    private static void objectRefcount(SlotCall call) {
        long record = call.inspect(2);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
        } else {
            call.reply().integer(isShared(call, record) ? SHARED_REFERENCES : 1);
        }
    }

    private static boolean isShared(SlotCall call, long record) {
        SlotStore keys = call.store();
        if (!call.settings().sharesIntegers() || keys.encoding(record) != Encoding.INT.code) {
            return false;
        }
        long value = IntegerText.parse(keys.memory(), keys.valueOffset(record), keys.valueLength(record));
        return value >= 0 && value < SHARED_INTEGERS;
    }

    private static void objectIdletime(SlotCall call) {
        long record = call.inspect(2);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
            return;
        }
        if (call.settings().policy().countsFrequency()) {
            throw Errors.err("An LFU maxmemory policy is selected, idle time not tracked." + SWITCHING);
        }
        call.reply().integer(AccessClock.idleMs(call.store().accessClock(record), call.nowMs()) / 1000);
    }

    private static void objectFreq(SlotCall call) {
        long record = call.inspect(2);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
            return;
        }
        if (!call.settings().policy().countsFrequency()) {
            throw Errors.err("An LFU maxmemory policy is not selected, access frequency not tracked." + SWITCHING);
        }
        int clock = call.store().accessClock(record);
        call.reply().integer(AccessClock.lfuCounter(clock, call.nowMs(), call.settings().lfuDecayMinutes()));
    }
}
