package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.optionalText;
import static io.granary.node.config.Directive.port;

import java.util.List;

/** The directives about primaries and replicas. */
final class ReplicationDirectives {
    static final List<Directive> TABLE = List.of(
            of("replicaof", new PrimaryAddress(), "",
                    "The primary of this node, outside a cluster.").fixed().alias("slaveof").effective(),
            optionalText("masteruser", "The user with which a replica logs in at its primary.").secret().effective(),
            optionalText("masterauth", "The password with which a replica logs in at its primary.").secret().effective(),
            flag("replica-serve-stale-data", true,
                    "Answers reads while the link to the primary is down.").alias("slave-serve-stale-data").effective(),
            flag("replica-read-only", true, "Refuses writes of clients on a replica.").alias("slave-read-only").effective(),
            flag("repl-diskless-sync", true, "Sends the snapshot of a full sync without a file.").effective(),
            number("repl-diskless-sync-delay", 0, Integer.MAX_VALUE, 5,
                    "Seconds to wait for more replicas before a full sync.").effective(),
            number("repl-diskless-sync-max-replicas", 0, Integer.MAX_VALUE, 0,
                    "Replicas that end that wait; 0 for no number.").effective(),
            choice("repl-diskless-load", "swapdb",
                    "How a replica takes a full sync. `swapdb`: it loads in memory beside the old data, which it "
                            + "serves until the new are complete; needs the memory of both. `disabled`: it stores the "
                            + "snapshot in a file without a name in `dir`, serving the old data meanwhile, and reads it "
                            + "through; when it is whole, the old data are freed and the file is loaded, while clients get "
                            + "`-LOADING`; needs the memory of one, and disk space. `on-empty-db`: as `disabled`, but a "
                            + "replica without keys loads at once, without a file. A snapshot that breaks off, is damaged "
                            + "or holds what this version does not have leaves the old data as they are, whatever is "
                            + "chosen.",
                    "disabled", "on-empty-db", "swapdb").effective().keptWhileLoading(),
            number("repl-ping-replica-period", 1, Integer.MAX_VALUE, 10,
                    "Seconds between the pings to replicas.").alias("repl-ping-slave-period").effective(),
            number("repl-timeout", 1, Integer.MAX_VALUE, 60,
                    "Seconds of silence after which a replication link is closed.").effective(),
            flag("repl-disable-tcp-nodelay", false, "Lets the kernel gather small packets to replicas.").effective(),
            of("repl-backlog-size",
                    new ClampedNumber(WholeNumber.bytes(1, Long.MAX_VALUE), 16 << 10, Long.MAX_VALUE), "1048576",
                    "Bytes of the log that are kept for replicas that come back.").effective(),
            number("repl-backlog-ttl", 0, Long.MAX_VALUE, 3600,
                    "Seconds without replicas after which the backlog is freed; 0 for never.").effective(),
            number("replica-priority", 0, Integer.MAX_VALUE, 100,
                    "Rank in an election by Sentinel; 0 for never.").alias("slave-priority").effective(),
            number("min-replicas-to-write", 0, Integer.MAX_VALUE, 0,
                    "Replicas that must be near for a primary to take writes.").alias("min-slaves-to-write").effective(),
            number("min-replicas-max-lag", 0, Integer.MAX_VALUE, 10,
                    "Seconds of lag up to which a replica is near.").alias("min-slaves-max-lag").effective(),
            optionalText("replica-announce-ip",
                    "The address under which a replica shows itself.").alias("slave-announce-ip").effective(),
            port("replica-announce-port", 0, "The port under which a replica shows itself.")
                    .alias("slave-announce-port").effective(),
            flag("replica-announced", true, "Whether a replica is shown to Sentinel.").effective(),
            flag("replica-ignore-maxmemory", true,
                    "Leaves eviction on a replica to its primary.").alias("slave-ignore-maxmemory").effective(),
            flag("replica-lazy-flush", false,
                    "Frees old data in the background when a full sync arrives.").alias("slave-lazy-flush"),
            flag("replica-ignore-disk-write-errors", false, "Keeps a replica up that cannot write to disk."));

    private ReplicationDirectives() { }
}
