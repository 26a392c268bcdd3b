package io.granary.slots.command;

import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.ValueType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/**
 * What a command's body sees of one call: its arguments, the keys of its slot, the reply, and one place to say what it
 * changed.
 *
 * <p>There is one instance for each thread that runs commands, begun anew for every call, so that a call allocates nothing.
 * The dispatcher holds the locks of all keys that the request names while the body runs. {@code now} stands still during a
 * call.
 *
 * <p>Looking a key up has the side effects that Redis's lookupKey has (db.c): an expired key is removed first, a read
 * counts as a hit or a miss, and the record's access clock is set, which eviction and OBJECT go by.
 */
public class SlotCall {

    /** Strings up to this length have encoding {@code embstr}. */
    public static final int EMBEDDED_BYTES_MAX = 44;

    private static final int NO_ARGUMENT = -1;
    private static final int SCRATCH_BYTES = 64;

    private final Keyspace keyspace;
    private final ReplyWriter reply;
    private final RandomGenerator random;

    private CallSettings settings;
    private boolean noTouch;
    /** Whether an access sets the clock to the second and nothing more: the usual case, and the cheap one. */
    private boolean plainClock;

    private Request request;
    private int database;
    private int slot;
    private long nowMs;
    private int lruClock;
    private SlotStore store;
    private int hashedArgument = NO_ARGUMENT;
    private long hashOfArgument;
    private long changes;
    private final Effects effects = new Effects();
    /** Whether the body has written down itself what repeats the call. */
    private boolean rewritten;
    private boolean repeated;
    private MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH_BYTES);

    public SlotCall(Keyspace keyspace, ReplyWriter reply, CallSettings settings, RandomGenerator random) {
        this.keyspace = keyspace;
        this.reply = reply;
        this.random = random;
        settings(settings);
    }

    /** The settings of the calls that follow. */
    public final void settings(CallSettings newSettings) {
        settings = newSettings;
        plainClock = !noTouch && !settings.policy().countsFrequency();
    }

    /** Whether the calls that follow leave access clocks alone (CLIENT NO-TOUCH). */
    public final void noTouch(boolean on) {
        noTouch = on;
        plainClock = !noTouch && !settings.policy().countsFrequency();
    }

    /**
     * Begins a call; the locks of its keys are held.
     *
     * @param slot the index of the slot's store: 0 in standalone mode; any for a request without keys
     * @param nowMs unix time
     */
    public final void begin(Request request, int database, int slot, long nowMs) {
        this.request = request;
        this.database = database;
        this.slot = slot;
        if (nowMs != this.nowMs) {
            this.nowMs = nowMs;
            lruClock = AccessClock.lru(nowMs);
        }
        store = null;
        hashedArgument = NO_ARGUMENT;
        changes = 0;
        rewritten = false;
        repeated = false;
    }

    /** As the other, for a request of which one key's hash is known already. */
    public final void begin(Request request, int database, int slot, long nowMs, int hashedArgument, long hash) {
        begin(request, database, slot, nowMs);
        this.hashedArgument = hashedArgument;
        this.hashOfArgument = hash;
    }

    public final Request request() {
        return request;
    }

    public final ReplyWriter reply() {
        return reply;
    }

    public final Keyspace keyspace() {
        return keyspace;
    }

    public final CallSettings settings() {
        return settings;
    }

    public final RandomGenerator random() {
        return random;
    }

    /** Unix time of the call. */
    public final long nowMs() {
        return nowMs;
    }

    /** The number of arguments, the command's name included. */
    public final int argc() {
        return request.count();
    }

    /** Whether argument {@code i} is the word, in any case; {@code word} is upper case. */
    public final boolean is(int i, String word) {
        return request.is(i, word);
    }

    /** Argument {@code i} as a 64-bit integer. */
    public final long integerArg(int i) {
        return Arguments.integer(request, i);
    }

    /** Argument {@code i} as a double. */
    public final double floatArg(int i) {
        return Arguments.decimal(request, i);
    }

    /** Argument {@code i} as the index of a database. */
    public final int databaseArg(int i) {
        int index = Arguments.integer32(request, i);
        if (index < 0 || index >= keyspace.databases()) {
            throw Errors.DB_INDEX_OUT_OF_RANGE;
        }
        return index;
    }

    public final int database() {
        return database;
    }

    /** The store of this call's slot in the call's database. */
    public final SlotStore store() {
        SlotStore found = store;
        if (found == null) {
            found = keyspace.store(database, slot);
            store = found;
        }
        return found;
    }

    /** The store of this call's slot in another database; the same lock guards it. */
    public final SlotStore store(int otherDatabase) {
        return otherDatabase == database ? store() : keyspace.store(otherDatabase, slot);
    }

    /** The keyed hash of an argument that is a key; the latest is remembered. */
    public final long hash(int arg) {
        if (arg != hashedArgument) {
            hashOfArgument = keyspace.hash(request.bytes(), request.offset(arg), request.length(arg));
            hashedArgument = arg;
        }
        return hashOfArgument;
    }

    /** The record of a key that is read, or {@link SlotStore#NONE}. */
    public final long lookupRead(int keyArg) {
        long record = inspect(keyArg);
        if (record != SlotStore.NONE && !noTouch) {
            accessed(store, record);
        }
        return record;
    }

    /** As {@link #lookupRead}, even where the client leaves access clocks alone. */
    public final long lookupTouch(int keyArg) {
        long record = inspect(keyArg);
        if (record != SlotStore.NONE) {
            accessed(store, record);
        }
        return record;
    }

    /** As {@link #lookupRead} for a command that only asks about the key: it counts as no access. */
    public final long inspect(int keyArg) {
        SlotStore keys = store();
        long record = live(keys, keyArg);
        if (record == SlotStore.NONE) {
            keys.miss();
        } else {
            keys.hit();
        }
        return record;
    }

    /** The record of a key that will be changed, or {@link SlotStore#NONE}. */
    public final long lookupWrite(int keyArg) {
        return lookupWrite(store(), keyArg);
    }

    /** As {@link #lookupWrite(int)} in a store of this call's slot, whichever its database. */
    public final long lookupWrite(SlotStore keys, int keyArg) {
        long record = live(keys, keyArg);
        if (record != SlotStore.NONE && !noTouch) {
            accessed(keys, record);
        }
        return record;
    }

    /** The record of a key that has not expired; one that has is removed. Sets no clock and counts nothing but that. */
    public final long live(SlotStore keys, int keyArg) {
        long record = find(keys, keyArg);
        if (record != SlotStore.NONE && hasExpired(keys, record)) {
            if (!settings.keepExpired()) {
                expireNow(keys, record, hash(keyArg));
            }
            return SlotStore.NONE;
        }
        return record;
    }

    /** Removes a record whose time has come; returns false if no key may go any more since the settings were read. */
    public final boolean expireNow(SlotStore keys, long record, long hash) {
        if (!removesExpired()) {
            return false;
        }
        if (recording()) {
            effects.deletion(
                    keys.database(), settings.lazyExpire(), keys.memory(), keys.keyOffset(record), keys.keyLength(record))
                    .slot(keys.slot());
        }
        keys.expireNow(record, hash);
        return true;
    }

    /** The record of a key, expired or not, and nothing else. */
    public final long find(SlotStore keys, int keyArg) {
        return keys.find(request.bytes(), request.offset(keyArg), request.length(keyArg), hash(keyArg));
    }

    /** Whether the record's time has come, for whoever this call is made. */
    public final boolean hasExpired(SlotStore keys, long record) {
        long expiry = keys.expiry(record);
        return expiry >= 0 && nowMs > expiry && settings.expiredKeys() != ExpiredKeys.SEEN;
    }

    private void accessed(SlotStore keys, long record) {
        int clock = keys.accessClock(record);
        if (plainClock || !settings.policy().countsFrequency()) {
            if (clock != lruClock) {
                keys.accessClock(record, lruClock);
            }
        } else {
            int decayMinutes = settings.lfuDecayMinutes();
            keys.accessClock(record, AccessClock.lfuAccessed(clock, nowMs, decayMinutes, settings.lfuLogFactor(), random));
        }
    }

    /** The access clock of a key that is made now. */
    public final int newClock() {
        return plainClock || !settings.policy().countsFrequency() ? lruClock : AccessClock.lfu(nowMs);
    }

    /** Whether a record of this call's store is a string. */
    public final boolean isString(long record) {
        return store.type(record) == ValueType.STRING.code;
    }

    /** Refuses a record that is no string. */
    public final void requireString(long record) {
        if (!isString(record)) {
            throw Errors.WRONG_TYPE;
        }
    }

    /** Replies the string in a record of this call's slot. */
    public final void replyString(long record) {
        SlotStore keys = store;
        reply.bulk(keys.memory(), keys.valueOffset(record), keys.valueLength(record));
    }

    /** How a string would be encoded that is given whole. */
    public static int encodingOf(MemorySegment bytes, long offset, long length) {
        if (length > EMBEDDED_BYTES_MAX) {
            return Encoding.RAW.code;
        }
        return IntegerText.is(bytes, offset, length) ? Encoding.INT.code : Encoding.EMBSTR.code;
    }

    /**
     * Stores an argument as the string of a key, whatever the key held.
     *
     * @param previous what a look-up of the key has found
     * @param expiryMs unix time, or -1 for none
     */
    public final long putArgument(int keyArg, long previous, int valueArg, long expiryMs) {
        MemorySegment bytes = request.bytes();
        int offset = request.offset(valueArg);
        int length = request.length(valueArg);
        return putString(keyArg, previous, bytes, offset, length, encodingOf(bytes, offset, length), expiryMs);
    }

    /** As {@link #putArgument} for the text of an integer. */
    public final long putInteger(int keyArg, long previous, long value, long expiryMs) {
        int length = IntegerText.write(value, scratch);
        return putString(keyArg, previous, scratch, 0, length, Encoding.INT.code, expiryMs);
    }

    /** As {@link #putArgument} for bytes that need not be the request's. */
    public final long putString(
            int keyArg, long previous, MemorySegment bytes, long offset, long length, int encoding, long expiryMs) {
        SlotStore keys = store();
        long hash = hash(keyArg);
        if (previous != SlotStore.NONE) {
            return keys.overwriteString(previous, hash, bytes, offset, length, encoding, expiryMs);
        }
        long record = keys.putString(
                request.bytes(), request.offset(keyArg), request.length(keyArg), hash,
                bytes, offset, length, encoding, expiryMs);
        keys.accessClock(record, newClock());
        return record;
    }

    /** Native memory of at least {@code bytes} for passing values to the store; the next use overwrites it. */
    public final MemorySegment scratch(int bytes) {
        if (scratch.byteSize() < bytes) {
            scratch = Arena.ofAuto().allocate(bytes);
        }
        return scratch;
    }

    /**
     * Tells the world that a key has changed: whoever watches it, and the count of changes since the last save.
     *
     * @param event the name of what happened, as keyspace notifications have it
     */
    public final void changed(int keyArg, String event) {
        changed(store(), keyArg, event);
    }

    /** As {@link #changed(int, String)} in a store of this call's slot, whichever its database. */
    public final void changed(SlotStore keys, int keyArg, String event) {
        changes++;
        alsoChanged(keys, keyArg, event);
    }

    /** As {@link #changed} for a second key that the same change of the data concerns: it is not counted again. */
    public final void alsoChanged(SlotStore keys, int keyArg, String event) {
        keys.touched(request.bytes(), request.offset(keyArg), request.length(keyArg));
        noted(keys, keyArg);
    }

    /** Told of each key that the call has changed, whose lock is held. */
    protected void noted(SlotStore keys, int keyArg) {
        // of interest to whoever has to know more of some keys than their records tell
    }

    /** Counts changes that have no key of their own, such as those of a flush. */
    public final void changedMany(long count) {
        changes += count;
    }

    /** How much this call has changed so far. */
    public final long changes() {
        return changes;
    }

    // ---- effects ----

    /** Whether keys whose time has come may be removed at this moment; the lock of the key is held. */
    protected boolean removesExpired() {
        return true;
    }

    /** Whether what changes is written down; the lock of what changes is held. */
    public boolean recording() {
        return false;
    }

    /** What the unit that this call belongs to has changed, as far as it was written down. */
    public final Effects effects() {
        return effects;
    }

    /**
     * Begins the request that repeats this call elsewhere, where its own would not do the same there; only while
     * {@link #recording()}. Its {@code argc} arguments follow.
     */
    public final Effects rewrite(int argc) {
        rewritten = true;
        return effects.request(database, argc);
    }

    /** Writes such a request that removes the first key. */
    public final void rewriteAsDeletion(boolean lazily) {
        rewrite(2).arg(lazily ? "UNLINK" : "DEL").arg(request, 1);
    }

    /** Says that the call is to be repeated elsewhere even if it has changed nothing here. */
    public final void repeat() {
        repeated = true;
    }

    /** Writes the call down as it came, if it has changed something and nothing else was written in its place. */
    public final void recordChanges() {
        if (!rewritten && (changes > 0 || repeated)) {
            effects.verbatim(database, request);
        }
    }

    /**
     * Ends a unit with the lock held of all that it has changed: for commands that take the locks of slots themselves, one
     * after the other.
     */
    public void endUnit() {
        effects.clear();
    }
}
