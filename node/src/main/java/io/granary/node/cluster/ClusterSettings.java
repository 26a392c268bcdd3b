package io.granary.node.cluster;

import io.granary.gossip.GossipSettings;
import io.granary.gossip.ReplicaSettings;
import io.granary.node.config.BindAddresses;
import io.granary.node.config.BindAddresses.BindAddress;
import io.granary.node.config.ChangeListener;
import io.granary.node.config.Configuration;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The directives about the cluster, as the parts of it want them. */
final class ClusterSettings {

    private static final int BUS_PORT_DISTANCE = 10000;
    private static final int PORT_MAX = 65535;

    private static final List<String> NUMBERS = List.of(
            "cluster-node-timeout", "cluster-announce-port", "cluster-announce-tls-port", "cluster-announce-bus-port",
            "cluster-replica-validity-factor", "cluster-migration-barrier", "repl-ping-replica-period");
    private static final List<String> FLAGS = List.of(
            "cluster-require-full-coverage", "cluster-replica-no-failover", "cluster-allow-replica-migration");
    private static final List<String> TEXTS = List.of(
            "cluster-announce-ip", "cluster-announce-hostname", "cluster-announce-human-nodename");

    private final Configuration configuration;

    ClusterSettings(Configuration configuration) {
        this.configuration = configuration;
    }

    /** What the machine takes from the configuration as it is now. */
    GossipSettings gossip() {
        return new GossipSettings(
                number("cluster-node-timeout"),
                flag("cluster-require-full-coverage"),
                announced("cluster-announce-port", (int) number("port")),
                announced("cluster-announce-tls-port", (int) number("tls-port")),
                announced("cluster-announce-bus-port", busPort()),
                flag("tls-cluster"),
                text("cluster-announce-ip"),
                text("cluster-announce-hostname"),
                text("cluster-announce-human-nodename"),
                replicas());
    }

    private ReplicaSettings replicas() {
        return new ReplicaSettings(
                number("cluster-replica-validity-factor"),
                flag("cluster-replica-no-failover"),
                (int) number("cluster-migration-barrier"),
                flag("cluster-allow-replica-migration"),
                TimeUnit.SECONDS.toMillis(number("repl-ping-replica-period")));
    }

    /** Is told whenever one of the settings that {@link #gossip} is made of has changed. */
    void onChange(ChangeListener listener) {
        NUMBERS.forEach(name -> configuration.number(name).onChange(listener));
        FLAGS.forEach(name -> configuration.flag(name).onChange(listener));
        TEXTS.forEach(name -> configuration.text(name).onChange(listener));
    }

    /** The port that the bus listens on; above 65535 if the port of clients is too high for the usual distance. */
    int busPort() {
        long chosen = number("cluster-port");
        if (chosen != 0) {
            return (int) chosen;
        }
        long clients = flag("tls-cluster") || number("port") == 0 ? number("tls-port") : number("port");
        return (int) clients + BUS_PORT_DISTANCE;
    }

    boolean busPortIsTooHigh() {
        return busPort() > PORT_MAX;
    }

    List<BindAddress> addresses() {
        return BindAddresses.of(text("bind"));
    }

    Path nodesFile() {
        return configuration.path("cluster-config-file");
    }

    private int announced(String directive, int own) {
        long announced = number(directive);
        return announced != 0 ? (int) announced : own;
    }

    private long number(String directive) {
        return configuration.number(directive).value();
    }

    private boolean flag(String directive) {
        return configuration.flag(directive).value();
    }

    private String text(String directive) {
        return configuration.text(directive).value();
    }
}
