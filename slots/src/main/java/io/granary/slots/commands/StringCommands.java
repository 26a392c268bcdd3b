package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.DENYOOM;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.WRITE;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.DELETE;
import static io.granary.slots.command.KeyFlag.INSERT;
import static io.granary.slots.command.KeyFlag.OW;
import static io.granary.slots.command.KeyFlag.RO;
import static io.granary.slots.command.KeyFlag.RW;
import static io.granary.slots.command.KeyFlag.UPDATE;
import static io.granary.slots.command.KeyFlag.VARIABLE_FLAGS;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.Effects;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.command.KeyVisitor;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.memory.MemoryExhaustedException;
import java.util.List;

/** The commands that read and write whole strings. */
public final class StringCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.STRING,
        Command.of("GET", "key", StringCommands::get)
                .doc("1.0.0", "O(1)", "Returns the string value of a key.")
                .flags(READONLY, FAST)
                .keys(RO, ACCESS),
        Command.of("GETDEL", "key", StringCommands::getdel)
                .doc("6.2.0", "O(1)", "Returns the string value of a key after deleting the key.")
                .flags(WRITE, FAST)
                .keys(RW, ACCESS, DELETE),
        Command.of("GETEX",
                "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | "
                        + "PERSIST]",
                StringCommands::getex)
                .doc("6.2.0", "O(1)", "Returns the string value of a key after setting its expiration time.")
                .flags(WRITE, FAST)
                .keys(RW, ACCESS, UPDATE).keyNotes("RW and UPDATE because it changes the TTL"),
        Command.of("GETSET", "key value", StringCommands::getset)
                .doc("1.0.0", "O(1)", "Returns the previous string value of a key after setting it to a new value.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(RW, ACCESS, UPDATE)
                .deprecated("6.2.0", "`SET` with the `!GET` argument"),
        Command.of("MGET", "key [key ...]", StringCommands::mget)
                .doc("1.0.0", "O(N) where N is the number of keys to retrieve.",
                        "Atomically returns the string values of one or more keys.")
                .flags(READONLY, FAST)
                .keys(RO, ACCESS)
                .tips("request_policy:multi_shard"),
        Command.of("MSET", "key value [key value ...]", StringCommands::mset)
                .doc("1.0.1", "O(N) where N is the number of keys to set.",
                        "Atomically creates or modifies the string values of one or more keys.")
                .flags(WRITE, DENYOOM)
                .keys(OW, UPDATE)
                .tips("request_policy:multi_shard", "response_policy:all_succeeded"),
        Command.of("MSETNX", "key value [key value ...]", StringCommands::msetnx)
                .doc("1.0.1", "O(N) where N is the number of keys to set.",
                        "Sets one or more strings at once, if none of the keys exists.")
                .flags(WRITE, DENYOOM)
                .keys(OW, INSERT),
        Command.of("PSETEX", "key milliseconds value", StringCommands::psetex)
                .doc("2.6.0", "O(1)", "Sets a string and its expiry in milliseconds.")
                .flags(WRITE, DENYOOM)
                .keys(OW, UPDATE)
                .deprecated("2.6.12", "`SET` with the `PX` argument"),
        Command.of("SET",
                "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT "
                        + "unix-time-milliseconds | KEEPTTL]",
                StringCommands::set)
                .doc("1.0.0", "O(1)", "Sets a key to a string, whatever it held before.")
                .flags(WRITE, DENYOOM)
                .keys(RW, ACCESS, UPDATE, VARIABLE_FLAGS).keyNotes("RW and ACCESS due to the optional `GET` argument")
                .history("2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options.")
                .history("6.0.0", "Added the `KEEPTTL` option.")
                .history("6.2.0", "Added the `GET`, `EXAT` and `PXAT` option.")
                .history("7.0.0", "Allowed the `NX` and `GET` options to be used together.")
                .keyFinder(StringCommands::keysOfSet),
        Command.of("SETEX", "key seconds value", StringCommands::setex)
                .doc("2.0.0", "O(1)", "Sets a string and its expiry in seconds.")
                .flags(WRITE, DENYOOM)
                .keys(OW, UPDATE)
                .deprecated("2.6.12", "`SET` with the `EX` argument"),
        Command.of("SETNX", "key value", StringCommands::setnx)
                .doc("1.0.0", "O(1)", "Set the string value of a key only when the key doesn't exist.")
                .flags(WRITE, DENYOOM, FAST)
                .keys(OW, INSERT)
                .deprecated("2.6.12", "`SET` with the `NX` argument"));

    private static final long NO_EXPIRY = -1;

    private StringCommands() {}

    /** SET reads the old value only with GET: COMMAND GETKEYSANDFLAGS and access rules want to know. */
    private static int keysOfSet(Request request, KeyVisitor visitor) {
        for (int i = 3; i < request.count(); i++) {
            if (request.is(i, "GET")) {
                visitor.visit(1, KeyFlag.bits(KeyFlag.RW, KeyFlag.ACCESS, KeyFlag.UPDATE));
                return 1;
            }
        }
        visitor.visit(1, KeyFlag.bits(KeyFlag.OW, KeyFlag.UPDATE));
        return 1;
    }

    private static void get(SlotCall call) {
        readString(call);
    }

    /** Replies the string of the key, or the null of a missing one; returns its record. */
    private static long readString(SlotCall call) {
        long record = call.lookupRead(1);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
        } else {
            call.requireString(record);
            call.replyString(record);
        }
        return record;
    }

    private static void getdel(SlotCall call) {
        long record = readString(call);
        if (record != SlotStore.NONE) {
            call.store().remove(record, call.hash(1));
            call.changed(1, "del");
            if (call.recording()) {
                call.rewriteAsDeletion(false);
            }
        }
    }

    private static void getset(SlotCall call) {
        long previous = readString(call);
        call.putArgument(1, previous, 2, NO_EXPIRY);
        call.changed(1, "set");
        if (call.recording()) {
            call.rewrite(3).arg("SET").arg(call.request(), 1).arg(call.request(), 2);
        }
    }

    private static void getex(SlotCall call) {
        StringOptions options = StringOptions.ofGetex(call);
        long record = call.lookupRead(1);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
            return;
        }
        call.requireString(record);
        SlotStore keys = call.store();
        if (options.hasExpiry()) {
            long expiryMs = options.expiryMs(call, "getex");
            call.replyString(record);
            if (!ExpiryCommands.expiredAt(call, record, expiryMs) && call.recording()) {
                call.rewrite(3).arg("PEXPIREAT").arg(call.request(), 1).arg(expiryMs);
            }
        } else {
            call.replyString(record);
            if (options.persist() && keys.expiry(record) >= 0) {
                keys.setExpiry(record, call.hash(1), NO_EXPIRY);
                call.changed(1, "persist");
                if (call.recording()) {
                    call.rewrite(2).arg("PERSIST").arg(call.request(), 1);
                }
            }
        }
    }

    private static void set(SlotCall call) {
        if (call.argc() == 3) {
            call.putArgument(1, call.lookupWrite(1), 2, NO_EXPIRY);
            call.changed(1, "set");
            call.reply().ok();
        } else {
            setWithOptions(call);
        }
    }

    private static void setWithOptions(SlotCall call) {
        StringOptions options = StringOptions.ofSet(call);
        long expiryMs = options.hasExpiry() ? options.expiryMs(call, "set") : NO_EXPIRY;
        if (options.get()) {
            readString(call);
        }
        long previous = call.lookupWrite(1);
        boolean exists = previous != SlotStore.NONE;
        if (options.onlyIfMissing() && exists || options.onlyIfPresent() && !exists) {
            if (!options.get()) {
                call.reply().nullBulk();
            }
            return;
        }
        if (options.keepTtl() && exists) {
            expiryMs = call.store().expiry(previous);
        }
        call.putArgument(1, previous, 2, expiryMs);
        call.changed(1, "set");
        if (options.hasExpiry()) {
            call.alsoChanged(call.store(), 1, "expire");
        }
        if (call.recording()) {
            recordSet(call, options, expiryMs);
        }
        if (!options.get()) {
            call.reply().ok();
        }
    }

    /** A time becomes absolute and in milliseconds if it is not; and nobody wants to read the old value again. */
    private static void recordSet(SlotCall call, StringOptions options, long expiryMs) {
        if (options.hasExpiry()) {
            if (!options.isUnixMs()) {
                recordSetUntil(call, 2, expiryMs);
            }
        } else if (options.get()) {
            recordWithoutGet(call);
        }
    }

    private static void recordWithoutGet(SlotCall call) {
        int argc = call.argc();
        int left = argc;
        for (int i = 3; i < argc; i++) {
            left -= call.is(i, "GET") ? 1 : 0;
        }
        Effects effects = call.rewrite(left);
        for (int i = 0; i < argc; i++) {
            if (i < 3 || !call.is(i, "GET")) {
                effects.arg(call.request(), i);
            }
        }
    }

    private static void recordSetUntil(SlotCall call, int valueArg, long expiryMs) {
        call.rewrite(5).arg("SET").arg(call.request(), 1).arg(call.request(), valueArg).arg("PXAT").arg(expiryMs);
    }

    private static void setex(SlotCall call) {
        setUntil(call, StringOptions.expiryMs(call, 2, 1000, call.nowMs(), "setex"));
    }

    private static void psetex(SlotCall call) {
        setUntil(call, StringOptions.expiryMs(call, 2, 1, call.nowMs(), "psetex"));
    }

    private static void setUntil(SlotCall call, long expiryMs) {
        call.putArgument(1, call.lookupWrite(1), 3, expiryMs);
        call.changed(1, "set");
        call.alsoChanged(call.store(), 1, "expire");
        if (call.recording()) {
            recordSetUntil(call, 3, expiryMs);
        }
        call.reply().ok();
    }

    private static void setnx(SlotCall call) {
        if (call.lookupWrite(1) != SlotStore.NONE) {
            call.reply().integer(0);
            return;
        }
        call.putArgument(1, SlotStore.NONE, 2, NO_EXPIRY);
        call.changed(1, "set");
        call.reply().integer(1);
    }

    private static void mget(SlotCall call) {
        call.reply().array(call.argc() - 1);
        for (int i = 1; i < call.argc(); i++) {
            long record = call.lookupRead(i);
            if (record == SlotStore.NONE || !call.isString(record)) {
                call.reply().nullBulk();
            } else {
                call.replyString(record);
            }
        }
    }

    private static void mset(SlotCall call) {
        requirePairs(call, "mset");
        setAll(call);
        call.reply().ok();
    }

    private static void msetnx(SlotCall call) {
        requirePairs(call, "msetnx");
        for (int i = 1; i < call.argc(); i += 2) {
            if (call.lookupWrite(i) != SlotStore.NONE) {
                call.reply().integer(0);
                return;
            }
        }
        setAll(call);
        call.reply().integer(1);
    }

    private static void requirePairs(SlotCall call, String fullName) {
        if (call.argc() % 2 == 0) {
            throw Errors.wrongArity(fullName);
        }
    }

    private static void setAll(SlotCall call) {
        int i = 1;
        try {
            for (; i < call.argc(); i += 2) {
                call.putArgument(i, call.lookupWrite(i), i + 1, NO_EXPIRY);
                call.changed(i, "set");
            }
        } catch (MemoryExhaustedException full) {
            if (call.recording() && i > 1) {
                recordPart(call, i);
            }
            throw full;
        }
    }

    /** What was set before there was no memory left is set: so be it elsewhere. */
    private static void recordPart(SlotCall call, int argc) {
        Effects effects = call.rewrite(argc).arg("MSET");
        for (int i = 1; i < argc; i++) {
            effects.arg(call.request(), i);
        }
    }
}
