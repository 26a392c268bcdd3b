package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.size;

import java.util.List;

/** The directives about snapshots and the append-only file. */
final class PersistenceDirectives {
    static final List<Directive> TABLE = List.of(
            of("dir", new WorkingDirectory(), "./", "The folder of all files of the node.")
                    .guarded().effective().keptWhileLoading(),
            of("save", new SavePoints(), "3600 1 300 100 60 10000", "When a snapshot is written.").effective(),
            of("dbfilename", FreeText.any(TextRule.SNAPSHOT_NAME), "dump.rdb", "The name of the snapshot.")
                    .guarded().effective(),
            flag("stop-writes-on-bgsave-error", true, "Refuses writes while snapshots fail.").effective(),
            flag("rdbcompression", true, "Compresses texts in snapshots.").effective(),
            flag("rdbchecksum", true, "Ends snapshots with a checksum, and verifies it on loading.").fixed().effective(),
            choice("sanitize-dump-payload", "no",
                    "Checks the inside of values that are loaded or restored.", "no", "yes", "clients"),
            flag("rdb-del-sync-files", false, "Removes the snapshots of full syncs where nothing else is kept."),
            flag("rdb-save-incremental-fsync", true, "Syncs snapshots to disk while they are written.").effective(),
            number("rdb-key-save-delay", Integer.MIN_VALUE, Integer.MAX_VALUE, 0,
                    "Microseconds of waiting after each saved key, for tests.").hidden().effective(),
            number("key-load-delay", Integer.MIN_VALUE, Integer.MAX_VALUE, 0,
                    "Microseconds of waiting after each loaded key, for tests.").hidden().effective(),
            size("loading-process-events-interval-bytes", 1024, Integer.MAX_VALUE, 2 << 20,
                    "Up to how many bytes a snapshot from the primary is loaded without clients being asked to wait.")
                    .hidden().effective(),
            flag("appendonly", false, "Logs every write in the append-only file.").keptWhileLoading(),
            of("appendfilename", FreeText.any(TextRule.LOG_NAME), "appendonly.aof",
                    "How the names of append-only files begin.").fixed(),
            of("appenddirname", FreeText.any(TextRule.LOG_FOLDER), "appendonlydir",
                    "The folder of the append-only files, inside dir.").fixed(),
            choice("appendfsync", "everysec", "When the append-only file is synced to disk.", "everysec", "always", "no"),
            flag("no-appendfsync-on-rewrite", false, "Does not sync the append-only file while it is rewritten."),
            number("auto-aof-rewrite-percentage", 0, Integer.MAX_VALUE, 100,
                    "Growth at which the append-only file is rewritten; 0 for never."),
            size("auto-aof-rewrite-min-size", 0, Long.MAX_VALUE, 64 << 20,
                    "Size below which the append-only file is not rewritten."),
            flag("aof-load-truncated", true, "Starts with an append-only file whose last record is torn."),
            flag("aof-use-rdb-preamble", true, "Rewrites the base of the append-only file as a snapshot."),
            flag("aof-timestamp-enabled", false, "Notes the time in the append-only file."),
            flag("aof-rewrite-incremental-fsync", true, "Syncs the append-only file while it is rewritten."),
            flag("aof-disable-auto-gc", false, "Keeps old append-only files, for tests.").hidden());

    private PersistenceDirectives() { }
}
