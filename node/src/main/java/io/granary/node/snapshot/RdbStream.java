package io.granary.node.snapshot;

/** A snapshot on its way to a sink, on a thread of its own. */
public final class RdbStream {

    RdbStream() {}

    /** Gives the snapshot up, from any thread: its sink is told that it failed, unless it is done already. */
    public void abort() {
        throw new UnsupportedOperationException();
    }
}
