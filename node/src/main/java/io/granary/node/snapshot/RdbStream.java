package io.granary.node.snapshot;

import io.granary.node.Version;
import io.granary.persistence.rdb.RdbOrigin;
import io.granary.persistence.rdb.RdbOrigin.ReplicationPoint;
import io.granary.persistence.rdb.RdbWriter;
import io.granary.slots.SlotSet;
import io.granary.slots.keyspace.AccessClock;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.SnapshotWalk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A snapshot on its way to a sink. One thread does it all, in turns: it walks for a step with slots locked one after the
 * other, encodes without a lock what was copied, and hands the bytes over. While the sink has no room, nothing is walked.
 *
 * <p>Records come in no order of databases, so the RDB selects one whenever it changes. A database's sizes, which let the
 * reader make room ahead, stand before its first key; those of the cut.
 */
public final class RdbStream {

    /** What a step walks at the most; the copies are full before. */
    private static final long STEP_BYTES = 64 * 1024;
    private static final long CUT_WAIT_SECONDS = 5;

    private final SnapshotServices services;
    private final RdbForm form;
    private final boolean[] sized;
    private final long[] keys;
    private final long[] expiring;

    private final long startedMs;
    private final KeyDelay delay;
    private EvictionPolicy policy;
    private long nowMs;
    private int database = -1;
    private RdbWriter writer;
    private long keysAtTheCut;
    private volatile long keysDone;
    private volatile RecordCopies copies;
    private volatile boolean aborted;
    private final CountDownLatch cutTaken = new CountDownLatch(1);

    /** The thread that runs it as long as {@link #abort} may interrupt it. Guarded by this. */
    private Thread interruptible;

    RdbStream(SnapshotServices services, RdbForm form) {
        this.services = services;
        this.form = form;
        startedMs = services.clock().unixMs();
        delay = services.saveDelay();
        int databases = services.keyspace().databases();
        sized = new boolean[databases];
        keys = new long[databases];
        expiring = new long[databases];
    }

    /** Gives the snapshot up, from any thread: its sink is told that it failed, unless it is done already. */
    public void abort() {
        aborted = true;
        synchronized (this) {
            if (interruptible != null) {
                interruptible.interrupt();
            }
        }
    }

    /** How many keys have been written so far; of {@link #keysAtTheCut}, or fewer if writers have removed expired ones. */
    long keysDone() {
        return keysDone;
    }

    long keysAtTheCut() {
        return keysAtTheCut;
    }

    /** When it began, in unix time. */
    long startedMs() {
        return startedMs;
    }

    /** What is held beside the data for the sake of the snapshot, in bytes. */
    long copiedBytes() {
        RecordCopies now = copies;
        return now == null ? 0 : now.bytes();
    }

    /** The most that {@link #copiedBytes} has been. */
    long copiedBytesMost() {
        RecordCopies now = copies;
        return now == null ? 0 : now.bytesMost();
    }

    /** Makes the snapshot on this thread; its sink hears of everything that goes wrong. */
    void run(Supplier<ReplicationPoint> atTheCut, ChunkSink sink) {
        synchronized (this) {
            interruptible = Thread.currentThread();
        }
        try {
            write(atTheCut, sink);
            sink.done();
        } catch (InterruptedException reason) {
            sink.failed(reason);
        } catch (IOException reason) {
            // an interrupt closes a file that is being written
            sink.failed(aborted ? givenUp() : reason);
        } catch (RuntimeException | Error fault) {
            sink.failed(fault);
            services.faults().report("a snapshot", fault);
        } finally {
            cutTaken.countDown();
            synchronized (this) {
                interruptible = null;
                Thread.interrupted();
            }
        }
    }

    private static InterruptedException givenUp() {
        return new InterruptedException("the snapshot was given up");
    }

    private void write(Supplier<ReplicationPoint> atTheCut, ChunkSink sink) throws IOException, InterruptedException {
        SinkChannel channel = new SinkChannel(services.allocator(), sink);
        try (RecordCopies taken = new RecordCopies(services.keyspace());
                RdbWriter out = new RdbWriter(channel, form.version(), services.packs(), services.sums())) {
            writer = out;
            copies = taken;
            SnapshotWalk walk = services.keyspace().snapshot(form.data() ? null : new SlotSet(), taken);
            RdbOrigin[] origin = new RdbOrigin[1];
            walk.begin(() -> origin[0] = cut(atTheCut));
            cutTaken.countDown();
            try {
                out.begin(origin[0]);
                // who waits for it shall know that it has begun, however slowly keys follow
                out.flush();
                walkAll(walk, taken);
            } finally {
                walk.abort();
            }
            out.end();
        } catch (SinkChannel.Interrupted e) {
            throw e.reason();
        }
    }

    /** Waits until it is certain what the snapshot shows; no lock of a slot is held. */
    void awaitCut() {
        try {
            cutTaken.await(CUT_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes note of the moment; all slots are locked. */
    private RdbOrigin cut(Supplier<ReplicationPoint> atTheCut) {
        ReplicationPoint point = atTheCut.get();
        policy = services.policy();
        nowMs = services.clock().unixMs();
        for (int i = 0; i < keys.length; i++) {
            keys[i] = services.keyspace().size(i);
            expiring[i] = services.keyspace().expiring(i);
            keysAtTheCut += keys[i];
        }
        return new RdbOrigin(Version.REDIS, nowMs / 1000, services.keyspace().usedMemory(), point, false);
    }

    private void walkAll(SnapshotWalk walk, RecordCopies taken) throws IOException, InterruptedException {
        Pace pace = services.pace(Pace.Purpose.SNAPSHOT);
        boolean more = true;
        while (more) {
            if (aborted || Thread.interrupted()) {
                throw givenUp();
            }
            more = walk.step(STEP_BYTES);
            taken.take(this::encode);
            if (taken.exhausted()) {
                throw new IOException("no memory is left for what writers change while the snapshot is made");
            }
            taken.room(pace.rest());
        }
    }

    private void encode(
            int recordDatabase, int accessClock, long expiryMs,
            MemorySegment memory, long key, int keyLength, int valueLength) throws IOException {
        if (recordDatabase != database) {
            select(recordDatabase);
        }
        if (policy.countsFrequency()) {
            writer.frequency(AccessClock.lfuCounter(accessClock, nowMs, services.decayMinutes()));
        } else if (policy.countsRecency()) {
            writer.idle(AccessClock.idleMs(accessClock, nowMs) / 1000);
        }
        writer.string(memory, key, keyLength, memory, key + keyLength, valueLength, expiryMs);
        keysDone++;
        delay.pause();
    }

    private void select(int next) throws IOException {
        database = next;
        if (sized[next]) {
            writer.select(next);
        } else {
            sized[next] = true;
            writer.database(next, keys[next], expiring[next]);
        }
    }
}
