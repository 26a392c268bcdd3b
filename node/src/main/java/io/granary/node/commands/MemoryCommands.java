package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.CommandFlag.STALE;
import static io.granary.slots.command.CommandFlag.WHOLE_KEYSPACE;

import io.granary.node.dispatch.NodeCall;
import io.granary.node.info.MemoryFigures;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.HelpText;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** MEMORY: what keys and the node take. */
public final class MemoryCommands {

    private static final HelpText HELP = new HelpText(
            "DOCTOR",
            "    Return memory problems reports.",
            "MALLOC-STATS",
            "    Return internal statistics report from the memory allocator.",
            "PURGE",
            "    Attempt to purge dirty pages for reclamation by the allocator.",
            "STATS",
            "    Return information about the memory usage of the server.",
            "USAGE <key> [SAMPLES <count>]",
            "    Return memory in bytes used by <key> and its value. Nested values are",
            "    sampled up to <count> times (default: 5, 0 means sample all).");

    /** Below this, fragmentation and overheads say nothing: as in Redis. */
    private static final long SMALL_BYTES = 5 * 1024 * 1024;

    private final Keyspace keyspace;
    private final Supplier<MemoryFigures> figures;

    public MemoryCommands(Keyspace keyspace, Supplier<MemoryFigures> figures) {
        this.keyspace = keyspace;
        this.figures = figures;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.<NodeCall>container("MEMORY")
                        .doc("4.0.0", "Depends on subcommand.", "A container for memory diagnostics commands."),
                Command.of("MEMORY DOCTOR", "", this::doctor)
                        .doc("4.0.0", "O(1)", "Outputs a memory problems report.")
                        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special"),
                Command.of("MEMORY HELP", "", (NodeCall call) -> HELP.write(call.request(), call.reply()))
                        .doc("4.0.0", "O(1)", "Returns helpful text about the different subcommands.")
                        .flags(LOADING, STALE),
                Command.of("MEMORY MALLOC-STATS", "", this::mallocStats)
                        .doc("4.0.0", "Depends on how much memory is allocated, could be slow",
                                "Returns the allocator statistics.")
                        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special"),
                Command.of("MEMORY PURGE", "", this::purge)
                        .doc("4.0.0", "Depends on how much memory is allocated, could be slow",
                                "Asks the allocator to release memory.")
                        .flags(WHOLE_KEYSPACE)
                        .tips("request_policy:all_shards", "response_policy:all_succeeded"),
                Command.of("MEMORY STATS", "", this::stats)
                        .doc("4.0.0", "O(1)", "Returns details about memory usage.")
                        .tips("nondeterministic_output", "request_policy:all_shards", "response_policy:special"),
                Command.of("MEMORY USAGE", "key [SAMPLES count]", MemoryCommands::usage)
                        .doc("4.0.0", "O(N) where N is the number of samples.", "Estimates the memory usage of a key.")
                        .flags(READONLY)
                        .keys(KeyFlag.RO));
    }

    private static void usage(NodeCall call) {
        for (int i = 3; i < call.argc(); i += 2) {
            if (!call.is(i, "SAMPLES") || i + 1 == call.argc() || call.integerArg(i + 1) < 0) {
                throw Errors.SYNTAX;
            }
        }
        long record = call.inspect(2);
        if (record == SlotStore.NONE) {
            call.reply().nullBulk();
        } else {
            call.reply().integer(call.store().memoryUsage(record));
        }
    }

    /** Memory of freed pages goes back to the system by itself; what is left to free is freed now. */
    private void purge(NodeCall call) {
        while (keyspace.reclaim()) {
            // each turn frees a bounded part
        }
        call.reply().ok();
    }

    private void mallocStats(NodeCall call) {
        MemoryFigures.Snapshot now = figures.get().now();
        String text = "data: " + now.data() + " bytes in records and tables, " + now.tables().bytes() + " of them in tables\n"
                + "pages: " + now.committed() + " bytes\n"
                + "resident: " + now.resident() + " bytes, the Java virtual machine included\n";
        call.reply().verbatim("txt", text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void doctor(NodeCall call) {
        MemoryFigures.Snapshot now = figures.get().now();
        String report;
        if (now.used() < SMALL_BYTES) {
            report = "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these"
                    + " conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be"
                    + " back to our programming as soon as I finished rebooting.\n";
        } else {
            report = findings(now);
        }
        call.reply().verbatim("txt", report.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String findings(MemoryFigures.Snapshot now) {
        List<String> findings = new ArrayList<>();
        if (now.peak() > now.used() * 3 / 2) {
            findings.add(" * Peak memory: In the past this instance used more than 150% the memory that is currently using.\n");
        }
        if (now.committed() > now.data() * 14 / 10) {
            findings.add(" * High fragmentation: Pages hold more than 1.4 times the data in them, as after many deletions.\n");
        }
        if (findings.isEmpty()) {
            return "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n";
        }
        return "Sam, I detected a few issues in this Redis instance memory implants:\n\n" + String.join("\n", findings);
    }

    private void stats(NodeCall call) {
        MemoryFigures.Snapshot now = figures.get().now();
        List<Integer> databases = new ArrayList<>();
        long keys = 0;
        for (int db = 0; db < keyspace.databases(); db++) {
            if (keyspace.size(db) > 0) {
                databases.add(db);
                keys += keyspace.size(db);
            }
        }
        ReplyWriter reply = call.reply();
        reply.map(31 + databases.size());
        field(reply, "peak.allocated", now.peak());
        field(reply, "total.allocated", now.used());
        field(reply, "startup.allocated", now.startup());
        field(reply, "replication.backlog", now.backlog());
        field(reply, "clients.slaves", now.replicas());
        field(reply, "clients.normal", now.clients());
        field(reply, "cluster.links", 0);
        field(reply, "aof.buffer", 0);
        field(reply, "lua.caches", 0);
        field(reply, "functions.caches", 0);
        for (int db : databases) {
            reply.bulk("db." + db);
            reply.map(2);
            field(reply, "overhead.hashtable.main", keyspace.tables(db).bytes());
            field(reply, "overhead.hashtable.expires", 0);
        }
        field(reply, "overhead.db.hashtable.lut", now.tables().bytes());
        field(reply, "overhead.db.hashtable.rehashing", now.tables().movingBytes());
        field(reply, "overhead.total", now.overhead());
        field(reply, "db.dict.rehashing.count", now.tables().moving());
        field(reply, "keys.count", keys);
        field(reply, "keys.bytes-per-key", keys == 0 ? 0 : now.data() / keys);
        field(reply, "dataset.bytes", now.dataset());
        ratio(reply, "dataset.percentage", 100.0 * now.dataset() / Math.max(1, now.used() - now.startup()));
        ratio(reply, "peak.percentage", 100.0 * now.used() / Math.max(1, now.peak()));
        allocatorStats(reply, now);
    }

    private static void allocatorStats(ReplyWriter reply, MemoryFigures.Snapshot now) {
        field(reply, "allocator.allocated", now.data());
        field(reply, "allocator.active", now.committed());
        field(reply, "allocator.resident", now.committed());
        field(reply, "allocator.muzzy", 0);
        ratio(reply, "allocator-fragmentation.ratio", now.fragmentation());
        field(reply, "allocator-fragmentation.bytes", now.committed() - now.data());
        ratio(reply, "allocator-rss.ratio", 1);
        field(reply, "allocator-rss.bytes", 0);
        ratio(reply, "rss-overhead.ratio", (double) now.resident() / Math.max(1, now.committed()));
        field(reply, "rss-overhead.bytes", now.resident() - now.committed());
        ratio(reply, "fragmentation", (double) now.resident() / Math.max(1, now.used()));
        field(reply, "fragmentation.bytes", now.resident() - now.used());
    }

    private static void ratio(ReplyWriter reply, String name, double value) {
        reply.bulk(name);
        reply.dbl(value);
    }

    private static void field(ReplyWriter reply, String name, long value) {
        reply.bulk(name);
        reply.integer(value);
    }
}
