package io.granary.node.replication.replicas;

import io.granary.node.config.BooleanSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.config.TextSetting;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The directives that say how replicas are served. */
final class ReplicaSettings {

    private final BooleanSetting diskless;
    private final LongSetting delaySeconds;
    private final LongSetting together;
    private final LongSetting pingSeconds;
    private final LongSetting timeoutSeconds;
    private final BooleanSetting gathering;
    private final LongSetting backlogBytes;
    private final LongSetting backlogSeconds;
    private final LongSetting goodWanted;
    private final LongSetting goodLagSeconds;
    private final TextSetting outputLimits;
    private final TextSetting folder;
    private volatile OutputBufferLimits.Limit output;

    ReplicaSettings(Configuration configuration) {
        diskless = configuration.flag("repl-diskless-sync");
        delaySeconds = configuration.number("repl-diskless-sync-delay");
        together = configuration.number("repl-diskless-sync-max-replicas");
        pingSeconds = configuration.number("repl-ping-replica-period");
        timeoutSeconds = configuration.number("repl-timeout");
        gathering = configuration.flag("repl-disable-tcp-nodelay");
        backlogBytes = configuration.number("repl-backlog-size");
        backlogSeconds = configuration.number("repl-backlog-ttl");
        goodWanted = configuration.number("min-replicas-to-write");
        goodLagSeconds = configuration.number("min-replicas-max-lag");
        folder = configuration.text("dir");
        outputLimits = configuration.text("client-output-buffer-limit");
        outputLimits.onChange(this::refreshOutput);
        backlogBytes.onChange(this::refreshOutput);
        refreshOutput();
    }

    private void refreshOutput() {
        OutputBufferLimits.Limit limit = OutputBufferLimits.of(outputLimits.raw()).get(1);
        output = new OutputBufferLimits.Limit(
                atLeastBacklog(limit.hard()), atLeastBacklog(limit.soft()), limit.softSeconds());
    }

    /** Has somebody told when another number of good replicas is wanted. */
    void onGoodChange(Runnable told) {
        goodWanted.onChange(told::run);
        goodLagSeconds.onChange(told::run);
    }

    boolean diskless() {
        return diskless.value();
    }

    long delayNanos() {
        return TimeUnit.SECONDS.toNanos(delaySeconds.value());
    }

    /** Replicas that need not wait for others any more, 0 for no number. */
    long together() {
        return together.value();
    }

    long pingSeconds() {
        return pingSeconds.value();
    }

    long timeoutNanos() {
        return TimeUnit.SECONDS.toNanos(timeoutSeconds.value());
    }

    /** Whether the kernel may gather small packets. */
    boolean gathering() {
        return gathering.value();
    }

    /** 0 for never. */
    long backlogNanos() {
        return TimeUnit.SECONDS.toNanos(backlogSeconds.value());
    }

    /** How many replicas have to be near for writes to be taken; 0 if that does not matter. */
    long goodWanted() {
        return goodLagSeconds.value() == 0 ? 0 : goodWanted.value();
    }

    long goodLagSeconds() {
        return goodLagSeconds.value();
    }

    Path folder() {
        return Path.of(folder.value());
    }

    /**
     * How many bytes a replica may be behind. As in Redis not less than the backlog, which is kept for it in any case.
     * Source: checkClientOutputBufferLimits in networking.c.
     */
    OutputBufferLimits.Limit output() {
        return output;
    }

    private long atLeastBacklog(long bytes) {
        return bytes == 0 ? 0 : Math.max(bytes, backlogBytes.value());
    }
}
