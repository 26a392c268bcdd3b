package io.granary.slots.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lock for a few dozen instructions: whoever finds it taken spins, then yields. Not re-entrant; never held across a system
 * call.
 */
public final class SpinLock {

    private static final int SPINS = 256;
    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(SpinLock.class, "taken", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private int taken;

    public void lock() {
        if (!TAKEN.compareAndSet(this, 0, 1)) {
            spin();
        }
    }

    private void spin() {
        for (int i = 0; ; i++) {
            if ((int) TAKEN.getOpaque(this) == 0 && TAKEN.compareAndSet(this, 0, 1)) {
                return;
            }
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    public void unlock() {
        TAKEN.setRelease(this, 0);
    }
}
