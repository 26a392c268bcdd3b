package io.granary.slots.transcript;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The shortest story that still fails, as far as leaving things out leads to it. */
public final class Shrinking {

    private Shrinking() {
    }

    /** Leaves out whatever is not needed for the failure, in ever smaller runs. */
    public static <T> List<T> of(List<T> steps, Predicate<List<T>> fails) {
        List<T> shrunk = steps;
        for (int run = steps.size() / 2; run > 0; run /= 2) {
            for (int from = 0; from + run <= shrunk.size(); ) {
                List<T> less = new ArrayList<>(shrunk);
                less.subList(from, from + run).clear();
                if (fails.test(less)) {
                    shrunk = less;
                } else {
                    from += run;
                }
            }
        }
        return shrunk;
    }
}
