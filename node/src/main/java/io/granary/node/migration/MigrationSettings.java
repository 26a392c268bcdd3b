package io.granary.node.migration;

import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.config.TextSetting;
import java.util.concurrent.TimeUnit;

/** The directives that say how slots are moved. */
final class MigrationSettings {

    private static final int CONNECT_MS = 2000;
    private static final int ANSWER_MS = 5000;

    private final TextSetting user;
    private final TextSetting password;
    private final LongSetting timeoutSeconds;
    private final LongSetting logLength;
    private final LongSetting keyDelay;
    private final LongSetting decayMinutes;
    private final TextSetting outputLimits;
    private volatile long outputBytes;

    MigrationSettings(Configuration configuration) {
        user = configuration.text("masteruser");
        password = configuration.text("masterauth");
        timeoutSeconds = configuration.number("repl-timeout");
        keyDelay = configuration.number("rdb-key-save-delay");
        decayMinutes = configuration.number("lfu-decay-time");
        logLength = configuration.number("cluster-slot-migration-log-max-len");
        outputLimits = configuration.text("client-output-buffer-limit");
        outputLimits.onChange(this::refreshOutput);
        refreshOutput();
    }

    private void refreshOutput() {
        outputBytes = OutputBufferLimits.of(outputLimits.raw()).get(1).hard();
    }

    int connectTimeoutMs() {
        return CONNECT_MS;
    }

    int answerTimeoutMs() {
        return ANSWER_MS;
    }

    /** The request by which this node logs in to another; empty for none. */
    String[] login() {
        if (password.isEmpty()) {
            return new String[0];
        }
        return user.isEmpty()
                ? new String[] {"AUTH", password.raw()} : new String[] {"AUTH", user.raw(), password.raw()};
    }

    /** After how long without progress a node is given up. */
    long patienceNanos() {
        return TimeUnit.SECONDS.toNanos(timeoutSeconds.value());
    }

    int patienceMs() {
        return (int) Math.min(Integer.MAX_VALUE, TimeUnit.SECONDS.toMillis(timeoutSeconds.value()));
    }

    /** What sending a key of the snapshot takes at least, for tests. */
    long keyDelayMicros() {
        return Math.max(0, keyDelay.value());
    }

    /** In how many minutes a counter of uses falls by one. */
    int decayMinutes() {
        return decayMinutes.intValue();
    }

    /** What writers may have waiting to be sent, in bytes; 0 for no limit. */
    long outputBytes() {
        return outputBytes;
    }

    /** How many jobs are remembered. */
    LongSetting logLength() {
        return logLength;
    }
}
