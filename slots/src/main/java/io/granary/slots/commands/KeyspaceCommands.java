package io.granary.slots.commands;

import static io.granary.slots.command.AclCategory.DANGEROUS;
import static io.granary.slots.command.AclCategory.KEYSPACE;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.TOUCHES_ARBITRARY_KEYS;
import static io.granary.slots.command.CommandFlag.WHOLE_KEYSPACE;
import static io.granary.slots.command.CommandFlag.WRITE;

import io.granary.slots.command.Arguments;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.util.List;

/**
 * The commands on all keys of a database at once. They name no keys, so they take the locks of the slots themselves, one
 * after the other: in cluster mode they see each slot at one moment, not all of them at the same.
 */
public final class KeyspaceCommands {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.GENERIC,
        Command.of("DBSIZE", "", KeyspaceCommands::dbsize)
                .doc("1.0.0", "O(1)", "Returns the number of keys in the database.")
                .group(Group.SERVER)
                .flags(READONLY, FAST, WHOLE_KEYSPACE)
                .categories(KEYSPACE)
                .tips("request_policy:all_shards", "response_policy:agg_sum"),
        Command.of("FLUSHALL", "[ASYNC | SYNC]", KeyspaceCommands::flushall)
                .doc("1.0.0", "O(N) where N is the total number of keys in all databases",
                        "Removes all keys from all databases.")
                .group(Group.SERVER)
                .flags(WRITE, WHOLE_KEYSPACE)
                .categories(KEYSPACE, DANGEROUS)
                .tips("request_policy:all_shards", "response_policy:all_succeeded")
                .history("4.0.0", "Added the `ASYNC` flushing mode modifier.")
                .history("6.2.0", "Added the `SYNC` flushing mode modifier."),
        Command.of("FLUSHDB", "[ASYNC | SYNC]", KeyspaceCommands::flushdb)
                .doc("1.0.0", "O(N) where N is the number of keys in the selected database",
                        "Remove all keys from the current database.")
                .group(Group.SERVER)
                .flags(WRITE, WHOLE_KEYSPACE)
                .categories(KEYSPACE, DANGEROUS)
                .tips("request_policy:all_shards", "response_policy:all_succeeded")
                .history("4.0.0", "Added the `ASYNC` flushing mode modifier.")
                .history("6.2.0", "Added the `SYNC` flushing mode modifier."),
        Command.of("KEYS", "[pattern]", KeyspaceCommands::keys)
                .doc("1.0.0", "O(N), N keys in the database, for short names and patterns.",
                        "Returns all key names that match a pattern.")
                .flags(READONLY, WHOLE_KEYSPACE)
                .categories(KEYSPACE, DANGEROUS)
                .tips("request_policy:all_shards", "nondeterministic_output_order"),
        Command.of("RANDOMKEY", "", KeyspaceCommands::randomkey)
                .doc("1.0.0", "O(1)", "Returns a random key name from the database.")
                .flags(READONLY, TOUCHES_ARBITRARY_KEYS, WHOLE_KEYSPACE)
                .tips("request_policy:all_shards", "response_policy:special", "nondeterministic_output"),
        Command.of("SCAN", "cursor [MATCH pattern] [COUNT count] [TYPE type]", KeyspaceCommands::scan)
                .doc("2.8.0", "O(1) for every call. O(N) for a complete iteration, N elements.",
                        "Iterates over the key names in the database.")
                .flags(READONLY, TOUCHES_ARBITRARY_KEYS, WHOLE_KEYSPACE)
                .tips("nondeterministic_output", "request_policy:special", "response_policy:special")
                .history("6.0.0", "Added the `TYPE` subcommand."),
        Command.of("SWAPDB", "index1 index2", KeyspaceCommands::swapdb)
                .doc("4.0.0", "O(N), N clients that watch or wait for keys of the two databases.",
                        "Swaps two Redis databases.")
                .group(Group.SERVER)
                .flags(WRITE, FAST, WHOLE_KEYSPACE)
                .categories(KEYSPACE, DANGEROUS));

    private static final int ALL_DATABASES = -1;
    /** Where expired keys stay, how many of them may turn up before a random key is given up. */
    private static final int RANDOM_TRIES = 100;
    /** Records looked at in one step of a walk. */
    private static final int STEP = 1000;

    private KeyspaceCommands() {}

    private static void dbsize(SlotCall call) {
        call.reply().integer(call.keyspace().size(call.database()));
    }

    private static void flushall(SlotCall call) {
        flush(call, ALL_DATABASES);
    }

    private static void flushdb(SlotCall call) {
        flush(call, call.database());
    }

    /** ASYNC and SYNC are the same here: a flush only unhooks the data, which is freed in steps later. */
    private static void flush(SlotCall call, int database) {
        if (call.argc() > 2 || call.argc() == 2 && !call.is(1, "ASYNC") && !call.is(1, "SYNC")) {
            throw Errors.SYNTAX;
        }
        call.changedMany(call.keyspace().flush(database));
        call.repeat();
        call.reply().ok();
    }

    private static void keys(SlotCall call) {
        KeyFilter filter = new KeyFilter(call);
        if (call.argc() > 2) {
            throw Errors.wrongArity("keys");
        }
        if (call.argc() == 2) {
            filter.match(1);
        }
        long mark = call.reply().buffer().mark();
        Keyspace keyspace = call.keyspace();
        int only = filter.onlySlot();
        for (int slot = Math.max(0, only), end = only < 0 ? keyspace.slots() : only + 1; slot < end; slot++) {
            if (keyspace.storeIfPresent(call.database(), slot) != null && !keyspace.hidden().contains(slot)) {
                replyKeys(call, slot, filter);
            }
        }
        call.reply().arrayBefore(mark, filter.replied());
    }

    private static void replyKeys(SlotCall call, int slot, KeyFilter filter) {
        StripeLock lock = call.keyspace().lock(slot);
        lock.lock();
        try {
            SlotStore store = call.keyspace().store(call.database(), slot);
            long cursor = 0;
            do {
                cursor = store.scan(cursor, STEP, record -> filter.visit(store, record));
            } while (cursor != 0);
        } finally {
            lock.unlock();
        }
    }

    private static void scan(SlotCall call) {
        long cursor = Arguments.cursor(call.request(), 1);
        KeyFilter filter = new KeyFilter(call);
        long count = 10;
        for (int i = 2; i < call.argc(); i++) {
            boolean hasNext = i + 1 < call.argc();
            if (call.is(i, "COUNT") && hasNext) {
                i++;
                count = call.integerArg(i);
                if (count < 1) {
                    throw Errors.SYNTAX;
                }
            } else if (call.is(i, "MATCH") && hasNext) {
                i++;
                filter.match(i);
            } else if (call.is(i, "TYPE") && hasNext) {
                i++;
                filter.type(i);
            } else if (call.is(i, "NOVALUES")) {
                throw Errors.err("NOVALUES option can only be used in HSCAN");
            } else {
                throw Errors.SYNTAX;
            }
        }
        scanFrom(call, cursor, (int) Math.min(count, Integer.MAX_VALUE), filter);
    }

    private static void scanFrom(SlotCall call, long cursor, int count, KeyFilter filter) {
        long mark = call.reply().buffer().mark();
        long next = call.keyspace().scan(call.database(), cursor, count, filter.onlySlot(), filter);
        call.reply().arrayBefore(mark, filter.replied());
        call.reply().bulkBefore(mark, Long.toUnsignedString(next));
        call.reply().arrayBefore(mark, 2);
        filter.removeExpired();
    }

    private static void randomkey(SlotCall call) {
        KeyFilter filter = new KeyFilter(call);
        int tries = 0;
        while (tries < RANDOM_TRIES) {
            if (!call.keyspace().random(call.database(), call.random(), filter)) {
                break;
            }
            if (filter.replied() > 0) {
                return;
            }
            if (!filter.removeExpired()) {
                tries++;
            }
        }
        call.reply().nullBulk();
    }

    private static void swapdb(SlotCall call) {
        Keyspace keyspace = call.keyspace();
        if (keyspace.clustered()) {
            throw Errors.err("SWAPDB is not allowed in cluster mode");
        }
        int first = Arguments.integer32(call.request(), 1, Errors.err("invalid first DB index"));
        int second = Arguments.integer32(call.request(), 2, Errors.err("invalid second DB index"));
        if (first < 0 || first >= keyspace.databases() || second < 0 || second >= keyspace.databases()) {
            throw Errors.DB_INDEX_OUT_OF_RANGE;
        }
        if (first != second) {
            swap(keyspace, first, second, call.nowMs());
        }
        call.changedMany(1);
        call.reply().ok();
    }

    private static void swap(Keyspace keyspace, int first, int second, long nowMs) {
        keyspace.lockAll();
        try {
            keyspace.swap(first, second, nowMs);
        } finally {
            keyspace.unlockAll();
        }
    }
}
