package io.granary.node.migration;

import io.granary.node.config.LongSetting;
import io.granary.slots.SlotSet;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** The moves that are under way, and the latest of those that have ended, newest first. */
final class JobLog {

    private final LongSetting lengthMax;
    private final Deque<MigrationJob> jobs = new ArrayDeque<>();

    /** @param lengthMax beyond which the oldest go that have ended */
    JobLog(LongSetting lengthMax) {
        this.lengthMax = lengthMax;
    }

    synchronized void add(MigrationJob job) {
        jobs.addFirst(job);
        trim();
    }

    /** Forgets what is too much. */
    synchronized void trim() {
        long tooMany = jobs.size() - lengthMax.value();
        for (Iterator<MigrationJob> oldest = jobs.descendingIterator(); tooMany > 0 && oldest.hasNext(); ) {
            if (oldest.next().state().isFinal()) {
                oldest.remove();
                tooMany--;
            }
        }
    }

    synchronized List<MigrationJob> all() {
        return List.copyOf(jobs);
    }

    /** The job of that name, or null. */
    synchronized MigrationJob find(String name) {
        return jobs.stream().filter(job -> job.name().equals(name)).findFirst().orElse(null);
    }

    /** The first of these slots that a job under way moves in that direction, or -1. */
    synchronized int taken(MigrationJob.Operation operation, SlotSet slots) {
        int first = -1;
        for (MigrationJob job : jobs) {
            for (int slot = slots.next(0); !job.state().isFinal() && job.operation() == operation && slot >= 0;
                    slot = slots.next(slot + 1)) {
                if (job.slots().contains(slot) && (first < 0 || slot < first)) {
                    first = slot;
                }
            }
        }
        return first;
    }

    /** How many jobs are under way in that direction. */
    synchronized int running(MigrationJob.Operation operation) {
        return (int) jobs.stream().filter(job -> job.operation() == operation && !job.state().isFinal()).count();
    }
}
