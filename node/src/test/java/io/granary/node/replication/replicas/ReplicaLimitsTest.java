package io.granary.node.replication.replicas;

import static io.granary.node.replication.replicas.Primaries.info;
import static io.granary.node.replication.replicas.Primaries.online;
import static io.granary.node.replication.replicas.TestReplica.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.Patience;
import io.granary.node.conformance.TestNode;
import io.granary.slots.transcript.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a node puts up with from its replicas, and what it does for those that are silent. */
@ExtendWith(Patience.class)
class ReplicaLimitsTest {

    private static TestNode start(String... directives) {
        return (TestNode) Primaries.start(io.granary.node.conformance.LiveServer.Kind.GRANARY, directives);
    }

    private static void write(Connection client, int mebibytes) {
        String value = "x".repeat(1024 * 1024);
        for (int i = 0; i < mebibytes; i++) {
            client.ask("SET", "large", value);
        }
    }

    @Test
    void aReplicaThatDoesNotReadIsDroppedAndWhatWasKeptForItGivenBack() {
        try (TestNode node = start("--client-output-buffer-limit", "replica 8mb 0 0"); Connection client = node.connect();
                TestReplica replica = online(node)) {
            write(client, 32);
            await().until(() -> info(client, "connected_slaves").equals("0"));
            assertThat(node.log()).contains("scheduled to be closed ASAP for overcoming of output buffer limits")
                    .contains("up to 2 times the limit");
            await().until(() -> Long.parseLong(info(client, "mem_total_replication_buffers")) < 2 * 1024 * 1024);
            assertThat(replica.rest()).startsWith(request("SELECT", "0").substring(0, 5));
        }
    }

    @Test
    void aReplicaThatWasDroppedMayBeFurtherBehindTheNextTime() {
        try (TestNode node = start("--client-output-buffer-limit", "replica 4mb 0 0"); Connection client = node.connect()) {
            int dropped = 0;
            for (int allowance = 2; allowance <= 4; allowance *= 2) {
                try (TestReplica replica = TestReplica.to(node.port()).introduced()) {
                    // it does not even read its snapshot
                    replica.say("PSYNC", "?", "-1");
                    await().until(() -> info(client, "connected_slaves").equals("1"));
                    await().until(() -> !info(client, "slave0").contains("wait_bgsave"));
                    while (!info(client, "connected_slaves").equals("0")) {
                        write(client, 1);
                    }
                    dropped++;
                    String told = "up to " + allowance + " times the limit";
                    await().until(() -> node.log().contains(told));
                }
            }
            assertThat(info(client, "sync_full")).isEqualTo(Integer.toString(dropped));
        }
    }

    @Test
    void aReplicaThatFallsSilentIsLeft() {
        try (TestNode node = start("--repl-timeout", "1"); Connection client = node.connect();
                TestReplica replica = online(node)) {
            await().until(() -> info(client, "connected_slaves").equals("0"));
            assertThat(node.log()).contains("Disconnecting timedout replica (streaming sync): 127.0.0.1:4711");
            replica.rest();
        }
    }

    @Test
    void pingsComeInTheStream() {
        try (TestNode node = start("--repl-ping-replica-period", "1"); TestReplica replica = online(node)) {
            assertThat(replica.read(2 * request("PING").length())).isEqualTo(request("PING") + request("PING"));
        }
    }

    @Test
    void theHistoryIsGivenUpWhenNobodyHasFollowedForLong() {
        try (TestNode node = start("--repl-backlog-ttl", "1"); Connection client = node.connect()) {
            online(node).close();
            String id = info(client, "master_replid");
            assertThat(info(client, "repl_backlog_active")).isEqualTo("1");
            await().until(() -> info(client, "repl_backlog_active").equals("0"));
            assertThat(info(client, "master_replid")).isNotEqualTo(id);
            assertThat(info(client, "repl_backlog_histlen")).isEqualTo("0");
            client.ask("SET", "a", "1");
            try (TestReplica replica = TestReplica.to(node.port()).introduced()) {
                assertThat(replica.ask("PSYNC", id, "1")).startsWith("+FULLRESYNC");
                assertThat(replica.snapshot()).contains("a");
            }
        }
    }

    @Test
    void aSnapshotThatNobodyWaitsForIsGivenUp() {
        try (TestNode node = start(); Connection client = node.connect()) {
            client.ask("DEBUG", "POPULATE", "300000", "key", "200");
            try (TestReplica replica = TestReplica.to(node.port()).introduced()) {
                replica.ask("PSYNC", "?", "-1");
                assertThat(info(client, "slave0")).contains("state=wait_bgsave");
            }
            await().until(() -> node.log().contains("The snapshot for replicas was given up"));
            try (TestReplica replica = TestReplica.to(node.port()).introduced()) {
                assertThat(replica.ask("PSYNC", "?", "-1")).startsWith("+FULLRESYNC");
            }
        }
    }

    @Test
    void aReplicaThatWaitsIsKeptAwake() {
        try (TestNode node = start("--repl-diskless-sync-delay", "100"); Connection client = node.connect();
                TestReplica replica = TestReplica.to(node.port()).introduced()) {
            replica.say("PSYNC", "?", "-1");
            assertThat(replica.read(2)).isEqualTo("\n\n");
            client.ask("CONFIG", "SET", "repl-diskless-sync-delay", "0");
            assertThat(replica.line()).startsWith("+FULLRESYNC");
            assertThat(replica.snapshot()).startsWith("REDIS");
        }
    }

    @Test
    void nobodyMayAttachWhileAFailoverIsUnderWay() {
        try (TestNode node = start(); Connection client = node.connect();
                TestReplica replica = TestReplica.to(node.port()).introduced(); TestReplica first = online(node)) {
            client.ask("SET", "a", "1");
            assertThat(first.read(4)).isEqualTo("*2\r\n");
            assertThat(client.ask("FAILOVER").text()).isEqualTo("OK");
            await().until(() -> info(client, "master_failover_state").equals("waiting-for-sync"));
            assertThat(replica.ask("PSYNC", "?", "-1")).isEqualTo("-NOMASTERLINK Can't SYNC while failing over");
            client.ask("FAILOVER", "ABORT");
            assertThat(replica.ask("PSYNC", "?", "-1")).startsWith("+FULLRESYNC");
        }
    }
}
