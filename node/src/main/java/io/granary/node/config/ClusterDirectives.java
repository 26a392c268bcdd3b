package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.optionalText;
import static io.granary.node.config.Directive.port;
import static io.granary.node.config.Directive.size;
import static io.granary.node.config.Directive.text;

import java.util.List;

/** The directives about the cluster. */
final class ClusterDirectives {
    static final List<Directive> TABLE = List.of(
            flag("cluster-enabled", false, "Makes the node a member of a cluster.").fixed().effective(),
            text("cluster-config-file", "nodes.conf",
                    "The file in which the node keeps what it knows of the cluster.").fixed().effective(),
            number("cluster-node-timeout", 0, Long.MAX_VALUE, 15000,
                    "Milliseconds of silence after which a node is suspected.").effective(),
            number("cluster-ping-interval", 0, Long.MAX_VALUE, 0, "Milliseconds between pings, for tests.").hidden(),
            port("cluster-port", 0, "The port of the bus; 0 for the port of clients plus 10000.").fixed().effective(),
            of("cluster-seed-nodes", new SeedNodes(), "",
                    "Nodes that form a cluster by themselves when they are started for the first time, and find each other "
                            + "again by these names when their addresses have changed. The same list, in the same order, on "
                            + "all of them; the first one founds the cluster.").fixed().effective(),
            number("cluster-init-primaries", 0, 1000, 0,
                    "How many of the seed nodes, the first ones, become primaries; 0: the node only joins a cluster that it "
                            + "finds.").fixed().effective(),
            number("cluster-init-replicas", 0, 100, 0,
                    "How many replicas each primary of a self-formed cluster gets: the seed nodes behind the primaries, and "
                            + "whichever node joins later while a replica is missing.").fixed().effective(),
            flag("cluster-require-full-coverage", true, "Refuses commands while any slot is not served.").effective(),
            flag("cluster-allow-reads-when-down", false,
                    "Answers reads of own slots while the cluster is down.").effective(),
            flag("cluster-allow-pubsubshard-when-down", true,
                    "Serves sharded pub/sub while the cluster is down."),
            number("cluster-replica-validity-factor", 0, Integer.MAX_VALUE, 10,
                    "Node timeouts of silence that bar a replica from election; 0 for none.")
                    .alias("cluster-slave-validity-factor").effective(),
            flag("cluster-replica-no-failover", false,
                    "Keeps a replica from standing for election by itself.").alias("cluster-slave-no-failover")
                    .effective(),
            number("cluster-migration-barrier", 0, Integer.MAX_VALUE, 1,
                    "Replicas that a primary keeps when one leaves for an orphaned primary.").effective(),
            flag("cluster-allow-replica-migration", true, "Lets replicas move to primaries that have none.")
                    .effective(),
            number("cluster-slot-migration-log-max-len", 0, Integer.MAX_VALUE, 1000,
                    "How many moves of slots CLUSTER GETSLOTMIGRATIONS tells of (Valkey).").effective(),
            size("cluster-link-sendbuf-limit", 0, WholeNumber.UNBOUNDED, 0,
                    "Bytes that may wait on a link of the bus before it is closed; 0 for no limit.").effective(),
            optionalText("cluster-announce-ip", "The address under which the node shows itself to the cluster.").effective(),
            port("cluster-announce-port", 0, "The port for clients that the node shows; 0 for its own.").effective(),
            port("cluster-announce-tls-port", 0, "The TLS port for clients that the node shows; 0 for its own.").effective(),
            port("cluster-announce-bus-port", 0, "The port of the bus that the node shows; 0 for its own.").effective(),
            of("cluster-announce-hostname", FreeText.optional(TextRule.HOSTNAME), "",
                    "The host name that the node shows.").effective(),
            of("cluster-announce-human-nodename", FreeText.optional(TextRule.NODENAME), "",
                    "The name of the node in logs and reports.").effective(),
            choice("cluster-preferred-endpoint-type", "ip",
                    "What redirects and CLUSTER SLOTS name nodes by.", "ip", "hostname", "unknown-endpoint").effective(),
            of("cluster-endpoint-rule", new EndpointRules(), "",
                    "What redirects and CLUSTER SLOTS name nodes by for clients from a network: the first rule that fits, "
                            + "else `cluster-preferred-endpoint-type`. Lines add up. Where the rule is `ip`, CLUSTER NODES "
                            + "leaves host names out.").effective(),
            optionalText("cluster-announce-client-ipv4", "The IPv4 address that clients are told instead (Valkey)."),
            optionalText("cluster-announce-client-ipv6", "The IPv6 address that clients are told instead (Valkey)."));

    private ClusterDirectives() { }
}
