package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.WRITE;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.RO;
import static io.granary.slots.command.KeyFlag.RW;
import static io.granary.slots.command.KeyFlag.UPDATE;

import io.granary.slots.command.Command;
import io.granary.slots.command.Effects;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.SlotStore;
import java.util.List;

/** The commands on the time at which a key expires. */
public final class ExpiryCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.GENERIC,
        Command.of("EXPIRE", "key seconds [NX | XX | GT | LT]", ExpiryCommands::expire)
                .doc("1.0.0", "O(1)", "Sets the expiration time of a key in seconds.")
                .flags(WRITE, FAST)
                .keys(RW, UPDATE)
                .history("7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."),
        Command.of("EXPIREAT", "key unix-time-seconds [NX | XX | GT | LT]", ExpiryCommands::expireat)
                .doc("1.2.0", "O(1)", "Sets the expiration time of a key to a Unix timestamp.")
                .flags(WRITE, FAST)
                .keys(RW, UPDATE)
                .history("7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."),
        Command.of("EXPIRETIME", "key", ExpiryCommands::expiretime)
                .doc("7.0.0", "O(1)", "Returns the expiration time of a key as a Unix timestamp.")
                .flags(READONLY, FAST)
                .keys(RO, ACCESS),
        Command.of("PERSIST", "key", ExpiryCommands::persist)
                .doc("2.2.0", "O(1)", "Removes the expiration time of a key.")
                .flags(WRITE, FAST)
                .keys(RW, UPDATE),
        Command.of("PEXPIRE", "key milliseconds [NX | XX | GT | LT]", ExpiryCommands::pexpire)
                .doc("2.6.0", "O(1)", "Sets the expiration time of a key in milliseconds.")
                .flags(WRITE, FAST)
                .keys(RW, UPDATE)
                .history("7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."),
        Command.of("PEXPIREAT", "key unix-time-milliseconds [NX | XX | GT | LT]", ExpiryCommands::pexpireat)
                .doc("2.6.0", "O(1)", "Sets the expiration time of a key to a Unix milliseconds timestamp.")
                .flags(WRITE, FAST)
                .keys(RW, UPDATE)
                .history("7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."),
        Command.of("PEXPIRETIME", "key", ExpiryCommands::pexpiretime)
                .doc("7.0.0", "O(1)", "Returns the expiration time of a key as a Unix milliseconds timestamp.")
                .flags(READONLY, FAST)
                .keys(RO, ACCESS),
        Command.of("PTTL", "key", ExpiryCommands::pttl)
                .doc("2.6.0", "O(1)", "Returns the expiration time in milliseconds of a key.")
                .flags(READONLY, FAST)
                .keys(RO, ACCESS)
                .tips("nondeterministic_output")
                .history("2.8.0", "Added the -2 reply."),
        Command.of("TTL", "key", ExpiryCommands::ttl)
                .doc("1.0.0", "O(1)", "Returns the expiration time in seconds of a key.")
                .flags(READONLY, FAST)
                .keys(RO, ACCESS)
                .tips("nondeterministic_output")
                .history("2.8.0", "Added the -2 reply."));

    private static final long NO_EXPIRY = -1;
    private static final int SECOND_MS = 1000;

    /** What a query of a missing key answers. */
    private static final int MISSING = -2;

    private static final int NX = 1;
    private static final int XX = 1 << 1;
    private static final int GT = 1 << 2;
    private static final int LT = 1 << 3;

    private ExpiryCommands() {}

    private static void expire(SlotCall call) {
        changeExpiry(call, call.nowMs(), SECOND_MS, "expire");
    }

    private static void pexpire(SlotCall call) {
        changeExpiry(call, call.nowMs(), 1, "pexpire");
    }

    private static void expireat(SlotCall call) {
        changeExpiry(call, 0, SECOND_MS, "expireat");
    }

    private static void pexpireat(SlotCall call) {
        changeExpiry(call, 0, 1, "pexpireat");
    }

    private static void changeExpiry(SlotCall call, long baseMs, int unitMs, String fullName) {
        int conditions = conditions(call);
        long time = call.integerArg(2);
        if (time > Long.MAX_VALUE / unitMs || time < Long.MIN_VALUE / unitMs) {
            throw Errors.invalidExpireTime(fullName);
        }
        time *= unitMs;
        if (time > Long.MAX_VALUE - baseMs) {
            throw Errors.invalidExpireTime(fullName);
        }
        long expiryMs = time + baseMs;
        long record = call.lookupWrite(1);
        if (record == SlotStore.NONE || !holds(conditions, call.store().expiry(record), expiryMs)) {
            call.reply().integer(0);
            return;
        }
        boolean gone = expiredAt(call, record, expiryMs);
        if (call.recording() && !gone && (baseMs != 0 || unitMs != 1)) {
            recordExpiry(call, expiryMs);
        }
        call.reply().integer(1);
    }

    /** The same with an absolute time in milliseconds; the conditions stay, as in Redis. */
    private static void recordExpiry(SlotCall call, long expiryMs) {
        Effects effects = call.rewrite(call.argc()).arg("PEXPIREAT").arg(call.request(), 1).arg(expiryMs);
        for (int i = 3; i < call.argc(); i++) {
            effects.arg(call.request(), i);
        }
    }

    private static int conditions(SlotCall call) {
        int conditions = 0;
        for (int i = 3; i < call.argc(); i++) {
            if (call.is(i, "NX")) {
                conditions |= NX;
            } else if (call.is(i, "XX")) {
                conditions |= XX;
            } else if (call.is(i, "GT")) {
                conditions |= GT;
            } else if (call.is(i, "LT")) {
                conditions |= LT;
            } else {
                throw Errors.err("Unsupported option " + call.request().toText(i));
            }
        }
        if ((conditions & NX) != 0 && conditions != NX) {
            throw Errors.err("NX and XX, GT or LT options at the same time are not compatible");
        }
        if ((conditions & (GT | LT)) == (GT | LT)) {
            throw Errors.err("GT and LT options at the same time are not compatible");
        }
        return conditions;
    }

    /** Whether the conditions let the expiry be replaced; a key without one never expires, later than any time. */
    private static boolean holds(int conditions, long current, long wanted) {
        boolean expires = current >= 0;
        return ((conditions & NX) == 0 || !expires)
                && ((conditions & XX) == 0 || expires)
                && ((conditions & GT) == 0 || expires && wanted > current)
                && ((conditions & LT) == 0 || !expires || wanted < current);
    }

    /** Lets the first key, whose record was found, expire at a time; at once if that has come: then returns true. */
    static boolean expiredAt(SlotCall call, long record, long expiryMs) {
        SlotStore keys = call.store();
        if (expiryMs <= call.nowMs() && !call.settings().keepExpired()) {
            keys.remove(record, call.hash(1));
            call.changed(1, "del");
            if (call.recording()) {
                call.rewriteAsDeletion(call.settings().lazyExpire());
            }
            return true;
        }
        keys.setExpiry(record, call.hash(1), Math.max(0, expiryMs));
        call.changed(1, "expire");
        return false;
    }

    private static void persist(SlotCall call) {
        long record = call.lookupWrite(1);
        if (record == SlotStore.NONE || call.store().expiry(record) < 0) {
            call.reply().integer(0);
            return;
        }
        call.store().setExpiry(record, call.hash(1), NO_EXPIRY);
        call.changed(1, "persist");
        call.reply().integer(1);
    }

    private static void ttl(SlotCall call) {
        long expiryMs = expiryOrAbsence(call);
        call.reply().integer(expiryMs < 0 ? expiryMs : toSeconds(Math.max(0, expiryMs - call.nowMs())));
    }

    private static void pttl(SlotCall call) {
        long expiryMs = expiryOrAbsence(call);
        call.reply().integer(expiryMs < 0 ? expiryMs : Math.max(0, expiryMs - call.nowMs()));
    }

    private static void expiretime(SlotCall call) {
        long expiryMs = expiryOrAbsence(call);
        call.reply().integer(expiryMs < 0 ? expiryMs : toSeconds(expiryMs));
    }

    private static void pexpiretime(SlotCall call) {
        call.reply().integer(expiryOrAbsence(call));
    }

    /** The expiry of the key, -1 if it has none, -2 if there is no such key. */
    private static long expiryOrAbsence(SlotCall call) {
        long record = call.inspect(1);
        return record == SlotStore.NONE ? MISSING : call.store().expiry(record);
    }

    /** To the nearest second; the sum is unsigned, so that the latest of times does not overflow. */
    private static long toSeconds(long ms) {
        return Long.divideUnsigned(ms + SECOND_MS / 2, SECOND_MS);
    }
}
