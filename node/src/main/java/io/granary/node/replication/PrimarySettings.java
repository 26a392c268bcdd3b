package io.granary.node.replication;

import io.granary.node.config.BooleanSetting;
import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.TextSetting;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The directives that say how this node follows a primary. */
final class PrimarySettings {

    private final Configuration configuration;
    private final TextSetting user;
    private final TextSetting password;
    private final LongSetting port;
    private final LongSetting announcedPort;
    private final TextSetting announcedHost;
    private final LongSetting timeoutSeconds;
    private final LongSetting priority;
    private final BooleanSetting readOnly;
    private final BooleanSetting servesStale;
    private final BooleanSetting announced;
    private final ChoiceSetting load;
    private final LongSetting unnoticedBytes;

    PrimarySettings(Configuration configuration) {
        this.configuration = configuration;
        user = configuration.text("masteruser");
        password = configuration.text("masterauth");
        port = configuration.number("port");
        announcedPort = configuration.number("replica-announce-port");
        announcedHost = configuration.text("replica-announce-ip");
        timeoutSeconds = configuration.number("repl-timeout");
        priority = configuration.number("replica-priority");
        readOnly = configuration.flag("replica-read-only");
        servesStale = configuration.flag("replica-serve-stale-data");
        announced = configuration.flag("replica-announced");
        load = configuration.choice("repl-diskless-load");
        unnoticedBytes = configuration.number("loading-process-events-interval-bytes");
    }

    /** What this node says of itself. */
    Handshake.Introduction introduction() {
        int shown = announcedPort.value() != 0 ? announcedPort.intValue() : port.intValue();
        return new Handshake.Introduction(user.value(), password.value(), shown, announcedHost.value());
    }

    /** After how much silence a link is given up. */
    long timeoutMs() {
        return TimeUnit.SECONDS.toMillis(timeoutSeconds.value());
    }

    long priority() {
        return priority.value();
    }

    boolean readOnly() {
        return readOnly.value();
    }

    boolean servesStale() {
        return servesStale.value();
    }

    /** How a snapshot is to be loaded by a node that has data, or has none. */
    SnapshotIntake.Way loadsHow(boolean empty) {
        return switch (load.value()) {
            case "swapdb" -> SnapshotIntake.Way.BESIDE;
            case "on-empty-db" -> empty ? SnapshotIntake.Way.ONTO_NOTHING : SnapshotIntake.Way.BY_FILE;
            default -> SnapshotIntake.Way.BY_FILE;
        };
    }

    /** Up to how many bytes a snapshot is loaded without any client noticing. */
    long unnoticedBytes() {
        return unnoticedBytes.value();
    }

    /** Where files are kept. */
    Path folder() {
        return Path.of(configuration.text("dir").value());
    }

    boolean announced() {
        return announced.value();
    }

    /** Takes note of the primary that is followed, if any, as CONFIG GET and CONFIG REWRITE show it outside a cluster. */
    void follows(ReplicationState state) {
        if (!configuration.flag("cluster-enabled").value()) {
            configuration.note("replicaof", state.isReplica() ? state.host() + ' ' + state.port() : "");
        }
    }

    /** Has somebody told when clients may do more or less on a replica than before. */
    void onChange(Runnable told) {
        readOnly.onChange(told::run);
        servesStale.onChange(told::run);
    }
}
