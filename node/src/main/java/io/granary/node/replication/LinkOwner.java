package io.granary.node.replication;

import io.granary.node.snapshot.LoadedRdb;
import io.granary.node.snapshot.ShadowLoad;
import java.lang.foreign.MemorySegment;

/** Whom a link to the primary tells what happens. From the link's event loop, or where said otherwise. */
interface LinkOwner {

    /** Whether the link is still the one that counts. With a slot's lock held the answer holds as long as the lock. */
    boolean current(PrimaryLink link);

    /** The link has come further. */
    void reached(PrimaryLink link, LinkPhase phase);

    /** The primary has decided how to go on: it has accepted this node as its replica. */
    void accepted(PrimaryLink link);

    /**
     * The stream goes on behind what this node has, unless the link no longer counts; {@code id} is the new name of the
     * history, or null. Returns whether it does.
     */
    boolean goesOn(PrimaryLink link, String id);

    /** What makes a snapshot this node's data. */
    SnapshotIntake intake();

    /** Throws the data away, unless the link no longer counts; returns whether it was done. By the thread that loads. */
    boolean makeRoom(PrimaryLink link);

    /** Swaps a snapshot in, unless the link no longer counts; returns whether it was done. By the thread that loads. */
    boolean swapIn(PrimaryLink link, ShadowLoad data, LoadedRdb rdb, Handshake.Step.FullSync place);

    /** The database in which the stream goes on. */
    int streamDatabase();

    /** The offset of the last byte that was applied. From any thread. */
    long offset();

    /** A unit was applied; its locks are held. */
    void applied(MemorySegment bytes, long from, long length, int database);

    /** A read of the stream was applied, as far as it was whole; no lock is held. */
    void appliedSome();

    /** A request of the stream was answered with an error, or would have been. */
    void erred(String command, String error);

    /** The link has ended, and takes no memory any more. From any thread, once. */
    void ended(PrimaryLink link, LinkEnd end);

    /** For the log. */
    void notice(String line);
}
