package io.granary.slots.commands;

import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.command.Glob;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StoreVisitor;
import io.granary.slots.keyspace.StripeLock;
import io.granary.slots.keyspace.ValueType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The keys that a walk through the keyspace is after: those that pass are replied as they are visited. */
final class KeyFilter implements StoreVisitor {

    private static final int ANY_TYPE = -1;
    /** No value has this type: an unknown name, which is no error, finds nothing. */
    private static final int NO_TYPE = -2;
    private static final int ANY_SLOT = -1;
    private static final int NO_BRACE = -2;
    /** An empty tag was met: no later one counts. */
    private static final int EMPTY_TAG = -3;

    /** Expired keys that are remembered at once; the others are met again, by somebody. */
    private static final int EXPIRED_MAX = 1000;
    /** Of longer keys only so much is compared with a pattern. */
    private static final int COMPARED_BYTES_MAX = Request.COPY_BYTES_MAX;

    /** An expired key that was met, to be removed once the store may be changed again. */
    private record Expired(SlotStore store, byte[] key, long hash) {}

    private final SlotCall call;
    private final List<Expired> expired = new ArrayList<>();
    private Glob pattern;
    private int type = ANY_TYPE;
    private int onlySlot = ANY_SLOT;
    private byte[] key = new byte[256];
    private long replied;

    KeyFilter(SlotCall call) {
        this.call = call;
    }

    /** Only keys that match the pattern given as an argument. */
    void match(int arg) {
        byte[] bytes = call.request().toBytes(arg);
        Glob glob = new Glob(bytes, false);
        pattern = glob.matchesEverything() ? null : glob;
        onlySlot = pattern != null && call.keyspace().clustered() ? slotOf(bytes) : ANY_SLOT;
    }

    /** Only keys whose type has the name given as an argument. */
    void type(int arg) {
        String name = call.request().toText(arg);
        type = NO_TYPE;
        for (ValueType each : ValueType.values()) {
            if (each.text().equalsIgnoreCase(name)) {
                type = each.code;
            }
        }
    }

    /** The only slot with keys that the pattern can match, or -1. */
    int onlySlot() {
        return onlySlot;
    }

    /** The number of keys replied so far. */
    long replied() {
        return replied;
    }

    @Override
    public void visit(SlotStore store, long record) {
        if (!matches(store, record) || type != ANY_TYPE && store.type(record) != type) {
            return;
        }
        if (call.hasExpired(store, record)) {
            if (!call.settings().keepExpired() && expired.size() < EXPIRED_MAX) {
                expired.add(new Expired(store, store.key(record), store.hash(record)));
            }
            return;
        }
        call.reply().bulk(store.memory(), store.keyOffset(record), store.keyLength(record));
        replied++;
    }

    private boolean matches(SlotStore store, long record) {
        if (pattern == null) {
            return true;
        }
        int length = Math.min(store.keyLength(record), COMPARED_BYTES_MAX);
        if (length > key.length) {
            key = new byte[Math.max(length, key.length * 2)];
        }
        MemorySegment.copy(store.memory(), ValueLayout.JAVA_BYTE, store.keyOffset(record), key, 0, length);
        return pattern.matches(key, length);
    }

    /** Removes the expired keys that were met; returns whether there were any that could be removed. */
    boolean removeExpired() {
        boolean removed = false;
        for (Expired each : expired) {
            StripeLock lock = call.keyspace().lock(each.store.slot());
            lock.lock();
            try {
                MemorySegment bytes = call.scratch(each.key.length);
                MemorySegment.copy(each.key, 0, bytes, ValueLayout.JAVA_BYTE, 0, each.key.length);
                long record = each.store.find(bytes, 0, each.key.length, each.hash);
                if (record != SlotStore.NONE && call.hasExpired(each.store, record)) {
                    removed |= call.expireNow(each.store, record, each.hash);
                    call.endUnit();
                }
            } finally {
                lock.unlock();
            }
        }
        expired.clear();
        return removed;
    }

    /**
     * The slot of all keys that a pattern can match: known when the pattern has a hash tag in front of anything that stands
     * for more than itself, or has nothing such at all. Source: patternHashSlot in Redis's cluster.c.
     */
    private static int slotOf(byte[] pattern) {
        int open = NO_BRACE;
        for (int i = 0; i < pattern.length; i++) {
            switch (pattern[i]) {
                case '*', '?', '[', '\\' -> {
                    return ANY_SLOT;
                }
                case '{' -> open = open == NO_BRACE ? i : open;
                case '}' -> {
                    if (open == i - 1) {
                        open = EMPTY_TAG;
                    } else if (open >= 0) {
                        return Slot.of(pattern);
                    }
                }
                default -> { }
            }
        }
        return Slot.of(pattern);
    }
}
