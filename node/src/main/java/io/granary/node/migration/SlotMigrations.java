package io.granary.node.migration;

import io.granary.gossip.HandOvers;
import io.granary.gossip.NodeView;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.info.InfoSection;
import io.granary.node.priority.ThreadPriority;
import io.granary.slots.SlotSet;
import io.granary.slots.command.Command;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** All moves of slots from and to this node. */
public final class SlotMigrations implements AutoCloseable {

    /** How often {@link #tick} is to be called. */
    public static final long PERIOD_MS = 100;

    /** Moves that run at a time; others wait for their turn. Each has a thread and a stream. */
    private static final int EXPORTS_AT_ONCE = 4;
    private static final int IMPORTS_AT_ONCE = 64;
    private static final int IMPORT_THREADS = 16;
    private static final int HAND_OVER_THREADS = 16;
    private static final long ANNOUNCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CLEANING_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_MS = 5;

    private final MigrationServices services;
    private final HandOverSteps steps;
    private final MigrationSettings settings;
    private final JobLog jobs;
    private final ImportedSlots imported;
    private final Grants grants;
    private final Workers workers;
    private final Workers exporters;
    /** What writes wait for. */
    private final Workers handOvers;
    private final Map<String, Export> exports = new ConcurrentHashMap<>();
    private final Map<String, Import> imports = new ConcurrentHashMap<>();

    /** Jobs of others whose grants are being settled here. */
    private final Set<String> resumed = ConcurrentHashMap.newKeySet();
    private long announcedNanos;
    private volatile boolean closed;

    public SlotMigrations(MigrationServices services) {
        this.services = services;
        steps = new HandOverSteps(services.cluster());
        settings = new MigrationSettings(services.configuration());
        jobs = new JobLog(settings.logLength());
        settings.logLength().onChange(jobs::trim);
        imported = new ImportedSlots(services, steps);
        grants = new Grants(services, steps, settings);
        workers = new Workers("slot-import-", IMPORT_THREADS, ThreadPriority.BACKGROUND, services.faults());
        exporters = new Workers("slot-export-", EXPORTS_AT_ONCE, ThreadPriority.BACKGROUND, services.faults());
        handOvers = new Workers("slot-hand-over-", HAND_OVER_THREADS, ThreadPriority.PROMPT, services.faults());
        announcedNanos = services.clock().nanos();
        services.keyspace().onFlush(_ -> flushed());
    }

    /** The rows of the commands. */
    public List<Command<NodeCall>> table() {
        return new MigrationCommands(services.cluster(), this).table();
    }

    /** What INFO tells of moves. */
    public InfoSection section() {
        return new MigrationsSection(jobs);
    }

    JobLog jobs() {
        return jobs;
    }

    HandOverSteps steps() {
        return steps;
    }

    ImportedSlots imported() {
        return imported;
    }

    Workers workers() {
        return workers;
    }

    Workers handOvers() {
        return handOvers;
    }

    // ---- the source

    /** Begins to move slots: one job for each group. */
    void begin(List<MigrateSlots.Group> groups, String client) {
        for (MigrateSlots.Group group : groups) {
            MigrationJob.Plan plan = new MigrationJob.Plan(
                    services.ids().get(), group.slots(), steps.myself(), group.target());
            MigrationJob job = new MigrationJob(
                    plan, MigrationJob.Operation.EXPORT, JobState.CONNECTING, services.clock().unixMs());
            Export export = new Export(services, steps, settings, grants, handOvers, job);
            jobs.add(job);
            exports.put(job.name(), export);
            services.log().notice("Slot migration initiated through CLUSTER MIGRATESLOTS command: " + job
                    + " (user request from '" + client + "')");
            exporters.run(() -> {
                export.run();
                exports.remove(job.name());
            });
        }
    }

    /** Why the targets cannot take slots in this way, or null if they can or one of them cannot be asked. */
    String unsupported(List<MigrateSlots.Group> groups) {
        for (MigrateSlots.Group group : groups) {
            NodeView target = steps.view().node(group.target());
            if (target == null) {
                continue;
            }
            try (PeerConnection connection = PeerConnection.open(HandOverSteps.address(target), settings)) {
                connection.ask("CLUSTER", "SYNCSLOTS", "SUPPORTS");
            } catch (PeerConnection.Refusal _) {
                return "ERR Node " + target.id() + " does not support slot migrations from here;"
                        + " move the slots with CLUSTER SETSLOT and MIGRATE";
            } catch (IOException _) {
                // the job will tell
            }
        }
        return null;
    }

    /** Gives up all exports that can be; false if there were none. */
    boolean cancel(String client) {
        boolean any = false;
        for (Export export : exports.values()) {
            if (!export.job().state().isFinal()) {
                any = true;
                export.giveUp(JobState.CANCELLED, "");
            }
        }
        return any;
    }

    /** What another node is told that asks whether a move of this node's goes on. */
    String status(String name) {
        if (steps.view().handOvers().grants().stream().anyMatch(grant -> grant.job().equals(name))) {
            return "GRANTED";
        }
        Export export = exports.get(name);
        return export == null || export.job().state().isFinal() ? "UNKNOWN" : "RUNNING";
    }

    // ---- the target

    /** Notes a move that begins; null if one of its slots is on its way here already, or there are too many. */
    Import add(MigrationJob.Plan plan) {
        synchronized (imports) {
            if (jobs.taken(MigrationJob.Operation.IMPORT, plan.slots()) >= 0
                    || jobs.running(MigrationJob.Operation.IMPORT) >= IMPORTS_AT_ONCE) {
                return null;
            }
            MigrationJob job = new MigrationJob(
                    plan, MigrationJob.Operation.IMPORT, JobState.WAITING_FOR_ACK, services.clock().unixMs());
            Import added = new Import(services, steps, settings, imported, workers, handOvers, job);
            jobs.add(job);
            imports.put(job.name(), added);
            services.log().notice("New slot import job created: " + job);
            return added;
        }
    }

    /** As {@link #add}, after waiting for an earlier one whose end this node has yet to notice. Not on an event loop. */
    Import addSoon(MigrationJob.Plan plan) {
        long deadline = services.clock().nanos() + CLEANING_NANOS_MAX;
        Import added = add(plan);
        while (added == null && !closed && services.clock().nanos() - deadline < 0) {
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return null;
            }
            added = add(plan);
        }
        return added;
    }

    /** Claims slots that were granted; returns the error to answer, or null. Not on an event loop. */
    String claim(MigrationJob.Plan plan, long epoch) {
        Import known = imports.get(plan.name());
        if (known != null) {
            return known.claim(epoch);
        }
        try {
            steps.claim(plan, epoch);
            return null;
        } catch (HandOverSteps.Refused refused) {
            return refused.getMessage();
        }
    }

    // ---- as time goes by

    /** Removes what has come of moves before this node was started, and asks what has become of what it had granted. */
    public void start() {
        for (HandOvers.Import stale : steps.view().handOvers().imports()) {
            SlotSet slots = SlotRanges.set(stale.slots());
            services.log().notice("Removing what came of slot migration " + stale.job() + " before this node was restarted");
            imported.remove(new MigrationJob.Plan(stale.job(), slots, stale.source(), steps.myself()));
        }
        lookForGrants();
    }

    /** Settles a grant that no export of this process is about: one from before a restart, or of a predecessor. */
    private void lookForGrants() {
        for (HandOvers.Grant open : steps.view().handOvers().grants()) {
            if (!exports.containsKey(open.job()) && resumed.add(open.job())) {
                exporters.run(() -> resume(open));
            }
        }
    }

    /** Does nothing while another grant is being settled; it is looked for again. */
    private void resume(HandOvers.Grant open) {
        try {
            if (grants.tryTurn()) {
                try {
                    settle(open);
                } finally {
                    grants.endTurn();
                }
            }
        } catch (InterruptedException _) {
            // the node ends
        } finally {
            resumed.remove(open.job());
        }
    }

    private void settle(HandOvers.Grant open) throws InterruptedException {
        MigrationJob.Plan plan = new MigrationJob.Plan(
                open.job(), SlotRanges.set(open.slots()), steps.myself(), open.target());
        MigrationJob job = new MigrationJob(
                plan, MigrationJob.Operation.EXPORT, JobState.FAILOVER_GRANTED, services.clock().unixMs());
        jobs.add(job);
        grants.settle(new Grant(plan, open.epoch()), job, null);
    }

    /** Looks after all moves; always on the same event loop. */
    public void tick() {
        exports.values().forEach(Export::look);
        imports.values().forEach(Import::look);
        imports.values().removeIf(each -> each.job().state().isFinal());
        boolean announces = services.clock().nanos() - announcedNanos > ANNOUNCE_NANOS;
        if (announces) {
            announcedNanos = services.clock().nanos();
            imports.values().forEach(each -> {
                if (!each.job().state().isFinal()) {
                    imported.announce(each.job().plan());
                }
            });
        }
        lookForGrants();
        boolean leads = steps.view().myself().isPrimary() && steps.view().ok() && !services.condition().replica();
        if (leads && imported.hasLeftovers()) {
            workers.run(imported::removeLeftovers);
        }
    }

    /** The data of this node is gone: as in Valkey, no move survives that. With locks held or without. */
    private void flushed() {
        exports.values().forEach(export -> export.giveUp(JobState.FAILED, "Data was flushed"));
        imports.values().forEach(each -> each.fail("Data was flushed"));
    }

    /** Ends all threads; what was granted stays so. */
    @Override
    public void close() {
        closed = true;
        grants.close();
        exports.values().forEach(export -> export.giveUp(JobState.FAILED, "the node ends"));
        exporters.close();
        workers.close();
        handOvers.close();
    }
}
