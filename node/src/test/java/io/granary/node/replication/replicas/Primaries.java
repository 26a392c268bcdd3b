package io.granary.node.replication.replicas;

import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.slots.transcript.Connection;
import java.util.ArrayList;
import java.util.List;

/** What tests of replicas ask of the servers that they follow. */
final class Primaries {

    private Primaries() {}

    /** Starts a server whose replicas need not wait for others, and hear no pings. */
    static LiveServer start(LiveServer.Kind kind, String... directives) {
        List<String> all = new ArrayList<>(List.of(
                "--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1000"));
        all.addAll(List.of(directives));
        return kind.start(all.toArray(String[]::new));
    }

    static String info(Connection client, String field) {
        return client.ask("INFO").text().lines().filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1)).findFirst().orElseThrow();
    }

    /** Attaches a replica by full sync and has it say that it is up to date. */
    static TestReplica online(LiveServer server) {
        TestReplica replica = TestReplica.to(server.port()).introduced();
        String[] answer = replica.ask("PSYNC", "?", "-1").split(" ");
        replica.snapshot();
        awaitOnline(server);
        replica.say("REPLCONF", "ACK", answer[2]);
        return replica;
    }

    /** Redis overlooks what a replica says before it has found out by itself that the snapshot was sent. */
    static void awaitOnline(LiveServer server) {
        try (Connection client = server.connect()) {
            await().until(() -> info(client, "slave0").contains("state=online"));
        }
    }
}
