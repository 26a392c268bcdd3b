package io.granary.node.metrics;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Slow events by kind, the newest 160 samples of each: what LATENCY shows. Source: latency.c of Redis. */
public final class LatencyEvents {

    private static final int SAMPLES_MAX = 160;

    private final Map<String, Series> events = new TreeMap<>();

    /** One second's worst. */
    public record Sample(long unixSeconds, long latencyMs) {}

    /** The samples of one kind of event, oldest first, and the worst ever. */
    public record Event(String name, List<Sample> samples, long maxMs) {}

    private static final class Series {
        private final Deque<Sample> samples = new ArrayDeque<>();
        private long maxMs;
    }

    /** Notes an event; of several in the same second the worst one counts. */
    public synchronized void add(String name, long unixSeconds, long latencyMs) {
        Series series = events.computeIfAbsent(name, _ -> new Series());
        series.maxMs = Math.max(series.maxMs, latencyMs);
        Sample last = series.samples.peekLast();
        if (last != null && last.unixSeconds() == unixSeconds) {
            if (latencyMs > last.latencyMs()) {
                series.samples.removeLast();
                series.samples.addLast(new Sample(unixSeconds, latencyMs));
            }
            return;
        }
        series.samples.addLast(new Sample(unixSeconds, latencyMs));
        if (series.samples.size() > SAMPLES_MAX) {
            series.samples.removeFirst();
        }
    }

    /** All events that happened, by name. */
    public synchronized List<Event> all() {
        List<Event> all = new ArrayList<>();
        events.forEach((name, series) -> all.add(new Event(name, List.copyOf(series.samples), series.maxMs)));
        return all;
    }

    /** The event of this name, without samples when it never happened. */
    public synchronized Event find(String name) {
        Series series = events.get(name);
        return series == null ? new Event(name, List.of(), 0) : new Event(name, List.copyOf(series.samples), series.maxMs);
    }

    /** Forgets one kind; false if it never happened. */
    public synchronized boolean reset(String name) {
        return events.remove(name) != null;
    }
}
