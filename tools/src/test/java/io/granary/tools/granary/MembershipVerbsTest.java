package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code failover}, {@code add-node} and {@code del-node} on three primaries with a replica each. */
class MembershipVerbsTest {

    private static final int TIMEOUT_MS = 5000;

    private EmbeddedCluster cluster;
    private String any;

    @BeforeEach
    void start() {
        cluster = EmbeddedCluster.startWithReplicas(3, 1, "--repl-diskless-sync-delay", "0");
        any = cluster.node(0).address();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static String tell(EmbeddedNode node, Object... words) throws IOException {
        try (Connection connection = Connection.open(Address.parse(node.address()), TIMEOUT_MS)) {
            return connection.text(words);
        }
    }

    private static String role(EmbeddedNode node) throws IOException {
        return tell(node, "INFO", "replication").lines().filter(line -> line.startsWith("role:")).findFirst().orElseThrow();
    }

    @Test
    void aReplicaTakesOverAndThePrimaryItNamesFollowsIt() throws IOException {
        EmbeddedNode primary = cluster.node(1);
        EmbeddedNode replica = cluster.node(4);
        tell(primary, "SET", "{v}1", "value");   // slot 7761
        JsonNode facts = Run.expecting(0, "failover", any, replica.id().hex(), "--json").json();

        assertThat(Run.fields(facts)).containsExactly("ok", "failovers");
        JsonNode one = facts.get("failovers").get(0);
        assertThat(Run.fields(one)).containsExactly("ok", "node", "id", "former", "slotCount", "seconds");
        assertThat(one.get("former").asText()).isEqualTo(primary.address());
        assertThat(role(replica)).isEqualTo("role:master");
        assertThat(tell(replica, "GET", "{v}1")).isEqualTo("value");

        cluster.awaitOk();
        assertThat(Run.expecting(0, "failover", replica.address()).out())
                .contains(primary.address() + " is primary in place of " + replica.address());
        assertThat(role(primary)).isEqualTo("role:master");
    }

    @Test
    void aReplicaIsForcedWhereThePrimaryIsDown() throws IOException {
        EmbeddedNode replica = cluster.node(5);
        cluster.node(2).stop();

        Run.expecting(0, "failover", any, replica.address(), "--takeover");

        assertThat(role(replica)).isEqualTo("role:master");
    }

    @Test
    void aHostIsOnlyClearedIfEveryShardHasAReplicaElsewhere() throws IOException {
        assertThat(Run.expecting(3, "failover", any, "--all-of", "127.0.0.1").err())
                .contains("has no replica in step on another host; nothing was changed");
        assertThat(Run.expecting(0, "failover", any, "--all-of", "10.0.0.1").out()).contains("no primary with slots is on");
        assertThat(role(cluster.node(0))).isEqualTo("role:master");
        assertThat(Run.expecting(1, "failover", any, "0123456789").err()).contains("no node 0123456789 in this cluster");
    }

    @Test
    void aNodeComesAsAPrimaryGetsReplicasAndGoesAgain() throws IOException {
        try (EmbeddedCluster fresh = EmbeddedCluster.unformed(2, "--repl-diskless-sync-delay", "0")) {
            EmbeddedNode primary = fresh.node(0);
            EmbeddedNode replica = fresh.node(1);

            JsonNode added = Run.expecting(0, "add-node", primary.address(), any, "--json").json();
            assertThat(Run.fields(added)).containsExactly("ok", "added", "node");
            assertThat(added.get("added").asBoolean()).isTrue();
            assertThat(added.get("node").get("role").asText()).isEqualTo("primary");
            Run.expecting(
                    0, "add-node", replica.address(), any, "--cluster-slave", "--cluster-master-id", primary.id().hex());
            assertThat(tell(replica, "INFO", "replication")).contains("role:slave").contains("master_link_status:up");
            JsonNode again = Run.expecting(0, "add-node", replica.address(), any, "--replica", "--json").json();
            assertThat(again.get("added").asBoolean()).isFalse();
            Run.expecting(0, "check", any);

            JsonNode removed = Run.expecting(0, "del-node", any, primary.id().hex(), "--json").json();
            assertThat(Run.fields(removed)).containsExactly("ok", "address", "id", "replicas", "reset");
            assertThat(removed.get("replicas").get(0).get("replica").asText()).isEqualTo(replica.address());
            assertThat(tell(primary, "CLUSTER", "INFO")).contains("cluster_known_nodes:1");
            assertThat(tell(replica, "INFO", "replication")).contains("role:slave");
            Run.expecting(0, "del-node", any, replica.address());
            Run.expecting(0, "check", any);
        }
    }

    @Test
    void whoOwnsSlotsStaysAndWhoIsNotEmptyStaysOut() throws IOException {
        assertThat(Run.expecting(1, "del-node", any, cluster.node(2).address()).err())
                .contains("owns 5462 slots").contains("granary reshard").contains("nothing was changed");
        try (EmbeddedCluster other = EmbeddedCluster.start(3)) {
            assertThat(Run.expecting(1, "add-node", other.node(0).address(), any).err())
                    .contains("knows other nodes already");
        }
        Run.expecting(0, "check", any);
    }

    @Test
    void aNodeThatIsDownIsForgotten() throws IOException {
        EmbeddedNode down = cluster.node(3);
        String id = down.id().hex();
        down.stop();

        assertThat(Run.expecting(0, "del-node", any, id).out()).contains("remove its nodes.conf before it is started again");

        assertThat(tell(cluster.node(1), "CLUSTER", "NODES")).doesNotContain(id);
    }

    @Test
    void aClusterWithOpenSlotsTakesNobodyInButOneWithADeadReplicaDoes() throws IOException {
        try (EmbeddedCluster fresh = EmbeddedCluster.unformed(1, "--repl-diskless-sync-delay", "0")) {
            String newcomer = fresh.node(0).address();
            tell(cluster.node(0), "CLUSTER", "SETSLOT", 7, "MIGRATING", cluster.node(1).id().hex());
            assertThat(Run.expecting(3, "add-node", newcomer, any).err()).contains("left open").contains("nothing was changed");
            tell(cluster.node(0), "CLUSTER", "SETSLOT", 7, "STABLE");
            cluster.node(3).stop();

            Run.expecting(0, "add-node", newcomer, any, "--replica");

            assertThat(tell(fresh.node(0), "INFO", "replication")).contains("master_port:" + cluster.node(0).port());
        }
    }

    @Test
    void everyNodeIsAskedAndTold() throws IOException {
        JsonNode replies = Run.expecting(0, "call", any, "CLUSTER", "MYID", "--only-replicas", "--json").json()
                .get("replies");
        assertThat(replies).hasSize(3);
        replies.forEach(reply -> assertThat(reply.get("reply").asText()).isEqualTo(reply.get("id").asText()));
        assertThat(Run.expecting(0, "call", any, "--only-primaries", "CONFIG", "GET", "maxmemory").out().lines()
                .filter(line -> line.equals("maxmemory"))).hasSize(3);
        assertThat(Run.expecting(1, "call", any, "NO-SUCH-COMMAND", "-1").out()).contains("ERR unknown command");

        JsonNode set = Run.expecting(0, "set-timeout", any, "4000", "--json").json();
        assertThat(Run.fields(set)).containsExactly("timeoutMs", "nodes");
        assertThat(Run.texts(set.get("nodes"), "set")).hasSize(6).containsOnly("true");
        assertThat(tell(cluster.node(4), "INFO", "server")).contains("tcp_port:" + cluster.node(4).port());
        try (Connection connection = Connection.open(Address.parse(any), TIMEOUT_MS)) {
            assertThat(connection.call("CONFIG", "GET", "cluster-node-timeout").items().get(1).text()).isEqualTo("4000");
        }
    }
}
