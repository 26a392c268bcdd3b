package io.granary.node.commands;

import static io.granary.slots.command.AclCategory.DANGEROUS;
import static io.granary.slots.command.AclCategory.KEYSPACE;
import static io.granary.slots.command.CommandFlag.ASKING;
import static io.granary.slots.command.CommandFlag.DENYOOM;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.WRITE;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.OW;
import static io.granary.slots.command.KeyFlag.RO;
import static io.granary.slots.command.KeyFlag.UPDATE;

import io.granary.node.config.BooleanSetting;
import io.granary.persistence.rdb.DumpPayload;
import io.granary.persistence.rdb.NativeBytes;
import io.granary.persistence.rdb.RdbException;
import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Effects;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.SlotStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * DUMP and RESTORE: a key's value as bytes that another server takes. They stand here since payloads are known to the
 * module persistence, which the commands on slots do not see.
 */
public final class DumpCommands {

    private static final String SYNOPSIS =
            "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]";
    private static final String COMPLEXITY = "O(N*M), N objects in the value of average size M; O(1) for a small string.";
    private static final int KEY = 1;
    private static final int TTL = 2;
    private static final int PAYLOAD = 3;
    private static final long NO_EXPIRY = -1;

    private final BooleanSetting compression;

    /** {@code compression} is {@code rdbcompression}. */
    public DumpCommands(BooleanSetting compression) {
        this.compression = compression;
    }

    public List<Command<SlotCall>> table() {
        return Command.family(Group.GENERIC,
                Command.of("DUMP", "key", this::dump)
                        .doc("2.6.0", COMPLEXITY, "Returns a serialized representation of the value stored at a key.")
                        .flags(READONLY)
                        .keys(RO, ACCESS)
                        .tips("nondeterministic_output"),
                Command.of("RESTORE", SYNOPSIS, this::restore)
                        .doc("2.6.0", COMPLEXITY, "Creates a key from the serialized representation of a value.")
                        .flags(WRITE, DENYOOM)
                        .keys(OW, UPDATE)
                        .categories(KEYSPACE, DANGEROUS)
                        .history("3.0.0", "Added the `REPLACE` modifier.")
                        .history("5.0.0", "Added the `ABSTTL` modifier.")
                        .history("5.0.0", "Added the `IDLETIME` and `FREQ` options."),
                Command.of("RESTORE-ASKING", SYNOPSIS, this::restore)
                        .group(Group.SERVER)
                        .doc("3.0.0", COMPLEXITY, "An internal command for migrating keys in a cluster.")
                        .flags(WRITE, DENYOOM, ASKING)
                        .keys(OW, UPDATE)
                        .categories(KEYSPACE, DANGEROUS)
                        .history("3.0.0", "Added the `REPLACE` modifier.")
                        .history("5.0.0", "Added the `ABSTTL` modifier.")
                        .history("5.0.0", "Added the `IDLETIME` and `FREQ` options.")
                        .system());
    }

    private void dump(SlotCall call) {
        long record = call.lookupRead(KEY);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment payload = ValuePayload.of(call.store(), record, compression.value(), arena);
            call.reply().bulk(payload, 0, payload.byteSize());
        }
    }

    /** All is checked, in Redis's order, before the key that is there is touched. */
    private void restore(SlotCall call) {
        RestoreOptions options = RestoreOptions.of(call, PAYLOAD + 1);
        // one that is to be replaced goes whether its time has come or not
        long previous = options.replace() ? call.find(call.store(), KEY) : call.lookupWrite(KEY);
        if (previous != SlotStore.NONE && !options.replace()) {
            throw Errors.BUSY_KEY;
        }
        long expiryMs = expiryMs(call, options);
        Request request = call.request();
        if (!DumpPayload.isIntact(request.bytes(), request.offset(PAYLOAD), request.length(PAYLOAD))) {
            throw Errors.err("DUMP payload version or checksum are wrong");
        }
        try (NativeBytes value = value(call)) {
            if (expiryMs != NO_EXPIRY && expiryMs <= call.nowMs() && !call.settings().keepExpired()) {
                remove(call, previous);
            } else {
                put(call, previous, value, expiryMs, options);
            }
        }
        call.reply().ok();
    }

    private static long expiryMs(SlotCall call, RestoreOptions options) {
        long ttl = call.integerArg(TTL);
        if (ttl < 0) {
            throw Errors.err("Invalid TTL value, must be >= 0");
        }
        if (ttl == 0) {
            return NO_EXPIRY;
        }
        long baseMs = options.absolute() ? 0 : call.nowMs();
        // Redis lets the sum overflow to a time long past, answers OK and stores nothing.
        if (ttl > Long.MAX_VALUE - baseMs) {
            throw Errors.invalidExpireTime("restore");
        }
        return ttl + baseMs;
    }

    private static NativeBytes value(SlotCall call) {
        Request request = call.request();
        try {
            return DumpPayload.readString(request.bytes(), request.offset(PAYLOAD), request.length(PAYLOAD),
                    call.settings().stringBytesMax());
        } catch (RdbException e) {
            throw badFormat(e);
        }
    }

    /** Redis's words; where it would have taken the value, what is missing here is told behind them. */
    private static CommandException badFormat(RdbException refusal) {
        return Errors.err(refusal.isOfMissingType() ? "Bad data format: " + refusal.reason() : "Bad data format");
    }

    private static void remove(SlotCall call, long previous) {
        if (previous != SlotStore.NONE) {
            call.store().remove(previous, call.hash(KEY));
            call.changed(KEY, "del");
            if (call.recording()) {
                call.rewriteAsDeletion(call.settings().lazyServerDelete());
            }
        }
    }

    private static void put(SlotCall call, long previous, NativeBytes value, long expiryMs, RestoreOptions options) {
        MemorySegment bytes = value.segment();
        int encoding = SlotCall.encodingOf(bytes, 0, value.length());
        long record = call.putString(KEY, previous, bytes, 0, value.length(), encoding, expiryMs);
        call.store().accessClock(record, options.clock(call));
        call.changed(KEY, "restore");
        if (call.recording() && expiryMs != NO_EXPIRY && !options.absolute()) {
            recordAbsolute(call, expiryMs);
        }
    }

    private static void recordAbsolute(SlotCall call, long expiryMs) {
        Request request = call.request();
        Effects effects = call.rewrite(request.count() + 1).arg(request, 0).arg(request, KEY).arg(expiryMs);
        for (int i = PAYLOAD; i < request.count(); i++) {
            effects.arg(request, i);
        }
        effects.arg("ABSTTL");
    }
}
