package io.granary.slots.keyspace;

/** A lock. */
public final class StripeLock {

    public void lock() {
        throw new UnsupportedOperationException();
    }

    public boolean tryLock() {
        throw new UnsupportedOperationException();
    }

    public void unlock() {
        throw new UnsupportedOperationException();
    }

    public boolean heldByCurrentThread() {
        throw new UnsupportedOperationException();
    }
}
