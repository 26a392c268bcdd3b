package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.size;

import java.util.List;

/** The directives about memory, eviction, expiry and freeing. */
final class MemoryDirectives {
    static final List<Directive> TABLE = List.of(
            size("maxmemory", 0, WholeNumber.UNBOUNDED, 0,
                    "Memory beyond which keys are evicted or writes refused; 0 for no limit.").effective(),
            choice("maxmemory-policy", "noeviction",
                    "Which keys are evicted.",
                    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
                    "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction").effective(),
            number("maxmemory-samples", 1, 64, 5, "Keys compared to find one to evict.").effective(),
            number("maxmemory-eviction-tenacity", 0, 100, 10, "How long eviction may hold up commands."),
            number("lfu-log-factor", 0, Integer.MAX_VALUE, 10, "How slowly the access counter of a key grows.").effective(),
            number("lfu-decay-time", 0, Integer.MAX_VALUE, 1,
                    "Minutes after which the access counter of a key is lowered.").effective(),
            number("active-expire-effort", 1, 10, 1, "How much time goes into finding expired keys."),
            flag("lazyfree-lazy-eviction", false, "Frees evicted values in the background.").effective(),
            flag("lazyfree-lazy-expire", false, "Frees expired values in the background.").effective(),
            flag("lazyfree-lazy-server-del", false, "Frees overwritten values in the background.").effective(),
            flag("lazyfree-lazy-user-del", false, "Makes DEL behave as UNLINK."),
            flag("lazyfree-lazy-user-flush", false, "Makes FLUSHALL, FLUSHDB and SCRIPT FLUSH asynchronous by default."),
            flag("activerehashing", true, "Spends idle time on growing hash tables."),
            flag("activedefrag", false, "Moves values to close gaps in the memory of jemalloc."),
            size("active-defrag-ignore-bytes", 1, Long.MAX_VALUE, 100 << 20, "Waste below which activedefrag rests."),
            number("active-defrag-threshold-lower", 0, 1000, 10, "Percentage of waste at which activedefrag starts."),
            number("active-defrag-threshold-upper", 0, 1000, 100,
                    "Percentage of waste at which activedefrag works hardest."),
            number("active-defrag-cycle-min", 1, 99, 1, "Least percentage of a core for activedefrag."),
            number("active-defrag-cycle-max", 1, 99, 25, "Highest percentage of a core for activedefrag."),
            number("active-defrag-max-scan-fields", 1, Long.MAX_VALUE, 1000,
                    "Elements that activedefrag visits in one step."));

    private MemoryDirectives() { }
}
