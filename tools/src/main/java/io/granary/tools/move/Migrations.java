package io.granary.tools.move;

import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.StopSign;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Our way, which Valkey 9 has as well: the source streams whole ranges to the target and hands them over at once. A large
 * move becomes several such migrations one after the other, so that it can be seen how far it is, and what fails costs
 * little.
 */
final class Migrations implements Way {

    private static final int KEYS_AT_ONCE = 250_000;
    private static final int TRIES = 3;
    private static final int LEAST_WAIT_MS = 5;
    private static final int MOST_WAIT_MS = 200;

    private final Access access;
    private final SlotCosts keys;
    private final Progress progress;
    private final StopSign stop;

    /** @param keys how many each slot has */
    Migrations(Access access, SlotCosts keys, Progress progress, StopSign stop) {
        this.access = access;
        this.keys = keys;
        this.progress = progress;
        this.stop = stop;
    }

    /** Whether the source can do this, and the target is of its kind. */
    static boolean areKnownTo(NodeReport source, NodeReport target, Access access) throws IOException {
        if (source.isGranary() != target.isGranary()) {
            return false;
        }
        try (Connection connection = Connection.open(source.address(), access)) {
            MigrationJob.of(connection);
            return true;
        } catch (ErrorReply _) {
            return false;
        }
    }

    @Override
    public void move(NodeReport source, NodeReport target, SlotSet slots) throws IOException {
        try (Connection connection = Connection.open(source.address(), access)) {
            for (SlotSet part : parts(slots)) {
                if (!stop.isSet()) {
                    migrate(connection, target, part);
                    progress.moved(part.size(), keys.sum(part));
                }
            }
        }
    }

    /** Parts with not too many keys each. */
    private List<SlotSet> parts(SlotSet slots) {
        List<SlotSet> parts = new ArrayList<>();
        long inLast = 0;
        for (int slot = slots.next(0); slot >= 0; slot = slots.next(slot + 1)) {
            if (parts.isEmpty() || inLast + keys.of(slot) > KEYS_AT_ONCE) {
                parts.add(new SlotSet());
                inLast = 0;
            }
            parts.getLast().add(slot);
            inLast += keys.of(slot);
        }
        return parts;
    }

    private void migrate(Connection source, NodeReport target, SlotSet slots) throws IOException {
        MigrationJob ended = null;
        for (int i = 0; i < TRIES; i++) {
            ended = await(source, start(source, target, slots));
            if (ended.hasSucceeded()) {
                return;
            }
        }
        throw new IOException("moving " + slots + " to " + target.address() + " failed " + TRIES + " times; "
                + ended.outcome());
    }

    private static String start(Connection source, NodeReport target, SlotSet slots) throws IOException {
        Set<String> before = MigrationJob.of(source).stream().map(MigrationJob::name).collect(Collectors.toSet());
        List<Object> words = new ArrayList<>(List.of("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE"));
        for (SlotRange range : slots.ranges()) {
            words.add(range.first());
            words.add(range.last());
        }
        words.add("NODE");
        words.add(target.id());
        source.call(words.toArray());
        return MigrationJob.of(source).stream().filter(MigrationJob::isExport)
                .filter(job -> !before.contains(job.name()) && job.targetId().equals(target.id())
                        && job.slots().equals(slots))
                .map(MigrationJob::name).findFirst()
                .orElseThrow(() -> new IOException("the source shows no migration of " + slots + " to " + target.address()));
    }

    /** Waits as long as there is anything new of it, else as long as one answer may take. */
    MigrationJob await(Connection source, String name) throws IOException {
        Deadline patience = Deadline.inMs(access.timeoutMs());
        MigrationJob last = null;
        int waitMs = LEAST_WAIT_MS;
        while (true) {
            Optional<MigrationJob> now = MigrationJob.of(source).stream().filter(job -> job.name().equals(name)).findFirst();
            if (now.isEmpty()) {
                throw new IOException("the source has forgotten the migration " + name);
            }
            if (!now.get().isRunning()) {
                return now.get();
            }
            if (now.get().equals(last) && patience.passed()) {
                throw new IOException("the migration " + name + " does not get on (" + now.get().outcome()
                        + "); CLUSTER CANCELSLOTMIGRATIONS at its source ends it");
            }
            patience = now.get().equals(last) ? patience : Deadline.inMs(access.timeoutMs());
            last = now.get();
            pause(waitMs);
            waitMs = Math.min(MOST_WAIT_MS, waitMs * 2);
        }
    }

    private static void pause(int ms) throws IOException {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while slots were moved", e);
        }
    }
}
