package io.granary.node.info;

import io.granary.node.Clock;
import io.granary.node.snapshot.Persistence;
import io.granary.node.snapshot.PersistenceFigures;
import io.granary.node.snapshot.SaveState;
import java.util.Locale;

/** {@code # Persistence}: what is loaded and saved, and how that went. There is no append-only file, and no fork. */
public final class PersistenceSection implements InfoSection {

    private final Persistence persistence;
    private final Clock clock;

    public PersistenceSection(Persistence persistence, Clock clock) {
        this.persistence = persistence;
        this.clock = clock;
    }

    @Override
    public String heading() {
        return "Persistence";
    }

    @Override
    public void write(InfoWriter out) {
        PersistenceFigures now = PersistenceFigures.of(persistence, clock.unixMs());
        SaveState saves = persistence.saves().state();
        out.field("loading", now.loading() && !now.loadingBeside() ? 1 : 0)
                .field("async_loading", now.loadingBeside() ? 1 : 0)
                .field("current_cow_peak", now.copiedBytesMost())
                .field("current_cow_size", now.copiedBytes())
                .field("current_cow_size_age", 0)
                .field("current_fork_perc", decimals(now.savedPercent()))
                .field("current_save_keys_processed", now.savedKeys())
                .field("current_save_keys_total", now.keysToSave())
                .field("rdb_changes_since_last_save", persistence.saves().unsavedChanges())
                .field("rdb_bgsave_in_progress", now.saving() ? 1 : 0)
                .field("rdb_last_save_time", saves.savedMs() / 1000)
                .field("rdb_last_bgsave_status", saves.failing() ? "err" : "ok")
                .field("rdb_last_bgsave_time_sec", saves.lastSeconds())
                .field("rdb_current_bgsave_time_sec", now.savingSeconds())
                .field("rdb_saves", saves.count())
                .field("rdb_last_cow_size", now.lastCopiedBytes())
                .field("rdb_last_load_keys_expired", now.lastExpired())
                .field("rdb_last_load_keys_loaded", now.lastLoaded());
        writeLog(out);
        if (now.loading()) {
            writeLoad(out, now);
        }
    }

    private static void writeLog(InfoWriter out) {
        out.field("aof_enabled", 0)
                .field("aof_rewrite_in_progress", 0)
                .field("aof_rewrite_scheduled", 0)
                .field("aof_last_rewrite_time_sec", -1)
                .field("aof_current_rewrite_time_sec", -1)
                .field("aof_last_bgrewrite_status", "ok")
                .field("aof_rewrites", 0)
                .field("aof_rewrites_consecutive_failures", 0)
                .field("aof_last_write_status", "ok")
                .field("aof_last_cow_size", 0)
                .field("module_fork_in_progress", 0)
                .field("module_fork_last_cow_size", 0);
    }

    private static void writeLoad(InfoWriter out, PersistenceFigures now) {
        out.field("loading_start_time", now.loadStartedMs() / 1000)
                .field("loading_total_bytes", now.bytesToLoad())
                .field("loading_rdb_used_mem", 0)
                .field("loading_loaded_bytes", now.loadedBytes())
                .field("loading_loaded_perc", decimals(now.loadedPercent()))
                .field("loading_eta_seconds", now.loadSecondsLeft());
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
