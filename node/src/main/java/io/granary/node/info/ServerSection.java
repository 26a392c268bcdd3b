package io.granary.node.info;

import io.granary.node.Clock;
import io.granary.node.Version;
import io.granary.node.config.Configuration;
import io.granary.slots.keyspace.AccessClock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** {@code # Server}: who this is. */
public final class ServerSection implements InfoSection {

    private final NodeFacts facts;
    private final Configuration configuration;
    private final Clock clock;
    private final LongSupplier shutdownMs;

    /** @param shutdownMs for how long replicas are waited for before the node ends; negative if they are not */
    public ServerSection(NodeFacts facts, Configuration configuration, Clock clock, LongSupplier shutdownMs) {
        this.facts = facts;
        this.configuration = configuration;
        this.clock = clock;
        this.shutdownMs = shutdownMs;
    }

    @Override
    public String heading() {
        return "Server";
    }

    @Override
    public void write(InfoWriter out) {
        long nowMs = clock.unixMs();
        long seconds = TimeUnit.MILLISECONDS.toSeconds(Math.max(0, nowMs - facts.startedMs()));
        long hz = configuration.number("hz").value();
        out.field("redis_version", Version.REDIS)
                .field("redis_git_sha1", "00000000")
                .field("redis_git_dirty", 0)
                .field("redis_build_id", "0")
                .field("redis_mode", facts.clustered() ? "cluster" : "standalone")
                .field("os", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"))
                .field("arch_bits", 64)
                .field("monotonic_clock", "POSIX clock_gettime")
                .field("multiplexing_api", facts.multiplexing())
                .field("atomicvar_api", "java-varhandle")
                .field("gcc_version", "0.0.0")
                .field("process_id", facts.processId())
                .field("process_supervised", configuration.choice("supervised").value())
                .field("run_id", facts.runId())
                .field("tcp_port", configuration.number("port").value())
                .field("server_time_usec", clock.unixMicros())
                .field("uptime_in_seconds", seconds)
                .field("uptime_in_days", TimeUnit.SECONDS.toDays(seconds))
                .field("hz", hz)
                .field("configured_hz", hz)
                .field("lru_clock", AccessClock.lru(nowMs))
                .field("executable", facts.executable())
                .field("config_file", facts.configFile())
                .field("io_threads_active", configuration.number("io-threads").value() > 1);
        long ms = shutdownMs.getAsLong();
        if (ms >= 0) {
            out.field("shutdown_in_milliseconds", ms);
        }
        out.field("granary_version", Version.GRANARY);
    }
}
