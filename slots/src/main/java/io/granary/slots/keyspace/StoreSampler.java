package io.granary.slots.keyspace;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** Draws stores at random, each with a probability in proportion to its keys as they were counted last. */
final class StoreSampler {

    private static final int INITIAL = 16;

    private final boolean onlyExpiring;
    private SlotStore[] stores = new SlotStore[INITIAL];
    private long[] ends = new long[INITIAL];
    private int count;
    private long sum;

    /** @param onlyExpiring whether only keys with an expiry count */
    StoreSampler(boolean onlyExpiring) {
        this.onlyExpiring = onlyExpiring;
    }

    /** Counts afresh, leaving out some slots; returns whether there is any key. */
    boolean refresh(IntPredicate leftOut, Database... databases) {
        count = 0;
        sum = 0;
        for (Database database : databases) {
            for (int slot = 0; (slot = database.nextOccupied(slot, onlyExpiring)) < database.slots(); slot++) {
                if (!leftOut.test(slot)) {
                    add(database.store(slot), onlyExpiring ? database.expiring(slot) : database.size(slot));
                }
            }
        }
        return sum > 0;
    }

    private void add(SlotStore store, long keys) {
        if (count == stores.length) {
            stores = Arrays.copyOf(stores, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        sum += keys;
        stores[count] = store;
        ends[count] = sum;
        count++;
    }

    SlotStore pick(RandomGenerator random) {
        long drawn = random.nextLong(sum);
        int found = Arrays.binarySearch(ends, 0, count, drawn + 1);
        int index = found >= 0 ? found : -found - 1;
        // Of stores that ended at the same sum all but the first were empty when they were counted.
        while (index > 0 && ends[index - 1] > drawn) {
            index--;
        }
        return stores[index];
    }
}
