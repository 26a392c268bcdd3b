package io.granary.node.migration;

import io.granary.node.info.InfoSection;
import io.granary.node.info.InfoWriter;
import io.granary.node.migration.MigrationJob.Operation;

/** {@code # Migrations}: how many moves of slots are under way, and what became of those that are remembered. */
record MigrationsSection(JobLog jobs) implements InfoSection {

    @Override
    public String heading() {
        return "Migrations";
    }

    @Override
    public boolean shownByDefault() {
        return false;
    }

    @Override
    public void write(InfoWriter out) {
        out.field("slot_exports_running", jobs.running(Operation.EXPORT))
                .field("slot_imports_running", jobs.running(Operation.IMPORT))
                .field("slot_migrations_remembered", jobs.all().size())
                .field("slot_migrations_remembered_failed",
                        jobs.all().stream().filter(job -> job.state() == JobState.FAILED).count());
    }
}
