package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.granary.node.embedded.EmbeddedCluster;
import io.granary.node.embedded.EmbeddedNode;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Three hosts with two nodes each: loopback addresses of one machine, as Linux has them without being asked. */
@EnabledOnOs(OS.LINUX)
class HostsTest {

    private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3");
    private static final int TIMEOUT_MS = 5000;

    @Test
    void replicasAreOnOtherHostsSoAHostCanBeCleared() throws IOException {
        try (EmbeddedCluster cluster = EmbeddedCluster.unformed(6, "--bind", "127.0.0.1", "127.0.0.2", "127.0.0.3",
                "--repl-diskless-sync-delay", "0")) {
            List<String> words = new ArrayList<>(List.of("create", "--replicas", "1", "--yes"));
            for (int i = 0; i < HOSTS.size() * 2; i++) {
                words.add(announce(cluster.node(i), HOSTS.get(i / 2)));
            }
            String any = words.getLast();
            assertThat(Run.expecting(0, words.toArray(String[]::new)).err()).isEmpty();
            assertThat(Run.expecting(0, "check", any, "--replicas", "1", "--json").json().get("warnings")).isEmpty();

            JsonNode done = Run.expecting(0, "failover", any, "--all-of", "127.0.0.1", "--json").json().get("failovers");

            assertThat(done).hasSize(1);
            assertThat(done.get(0).get("former").asText()).startsWith("127.0.0.1:");
            assertThat(done.get(0).get("node").asText()).doesNotStartWith("127.0.0.1:");
            assertThat(Run.texts(Run.expecting(0, "info", any, "--json").json().get("primaries"), "address"))
                    .hasSize(3).noneMatch(address -> address.startsWith("127.0.0.1:"));
        }
    }

    private static String announce(EmbeddedNode node, String host) throws IOException {
        try (Connection connection = Connection.open(Address.local(node.port()), TIMEOUT_MS)) {
            connection.call("CONFIG", "SET", "cluster-announce-ip", host);
        }
        return host + ":" + node.port();
    }
}
