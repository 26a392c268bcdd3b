package io.granary.gossip.simulation;

import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/** Virtual time: what is to happen, in order; what is due at the same moment happens in the order of its planning. */
final class Timeline {

    private record Event(long atMs, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atMs != other.atMs ? Long.compare(atMs, other.atMs) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowMs;
    private long planned;

    Timeline(long startMs) {
        nowMs = startMs;
    }

    long nowMs() {
        return nowMs;
    }

    /** How many events there were so far. */
    long planned() {
        return planned;
    }

    void in(long delayMs, Runnable action) {
        events.add(new Event(nowMs + delayMs, planned++, action));
    }

    /** Lets time pass until the condition holds; whether it does before so many milliseconds are over. */
    boolean runUntil(BooleanSupplier condition, long limitMs) {
        long end = nowMs + limitMs;
        while (!condition.getAsBoolean()) {
            Event next = events.peek();
            if (next == null || next.atMs > end) {
                nowMs = end;
                return condition.getAsBoolean();
            }
            events.poll();
            nowMs = next.atMs;
            next.action.run();
        }
        return true;
    }

    void run(long ms) {
        runUntil(() -> false, ms);
    }
}
