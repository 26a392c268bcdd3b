package io.granary.node.replication;

import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer;
import io.granary.node.conformance.TestNode;
import io.granary.resp.Frame;
import io.granary.slots.transcript.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A server that takes part in replication, with a connection on which a test talks to it. */
final class Peer implements AutoCloseable {

    private static final int DATABASES = 2;

    private final LiveServer server;
    private final Connection connection;

    private Peer(LiveServer server) {
        this.server = server;
        connection = server.connect();
    }

    /** Starts a server that sends snapshots at once, and no PING that would move the offset. */
    static Peer start(LiveServer.Kind kind, String... directives) {
        List<String> all = new ArrayList<>(List.of(
                "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "3600"));
        all.addAll(List.of(directives));
        return new Peer(kind.start(all.toArray(String[]::new)));
    }

    int port() {
        return server.port();
    }

    Connection connection() {
        return connection;
    }

    Frame ask(String... arguments) {
        return connection.ask(arguments);
    }

    String text(String... arguments) {
        return connection.ask(arguments).text();
    }

    /** What a node of ours has logged. */
    String log() {
        return ((TestNode) server).log();
    }

    Map<String, String> info(String section) {
        Map<String, String> fields = new LinkedHashMap<>();
        text("INFO", section).lines().filter(line -> line.contains(":")).forEach(line -> {
            int colon = line.indexOf(':');
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
        });
        return fields;
    }

    long count(String field) {
        return Long.parseLong(info("stats").get(field));
    }

    long offset() {
        return Long.parseLong(info("replication").get("master_repl_offset"));
    }

    boolean linkIsUp() {
        return "up".equals(info("replication").get("master_link_status"));
    }

    /** Asks until it is done: while a node loads beside its data it is refused. */
    void follow(int port) {
        await().until(() -> text("REPLICAOF", "127.0.0.1", Integer.toString(port)).startsWith("OK"));
    }

    /** As {@link #follow}. */
    void lead() {
        await().until(() -> text("REPLICAOF", "NO", "ONE").equals("OK"));
    }

    Peer awaitLink() {
        await().until(this::linkIsUp);
        return this;
    }

    /** Waits until this replica has what its primary has. */
    void awaitSame(Peer primary) {
        await().until(() -> linkIsUp() && offset() == primary.offset()
                && info("replication").get("master_replid").equals(primary.info("replication").get("master_replid")));
    }

    /** Everything that is stored: {@code database key -> value, expiry}. */
    Map<String, String> data() {
        Map<String, String> all = new TreeMap<>();
        try (Connection reading = server.connect()) {
            for (int database = 0; database < DATABASES; database++) {
                reading.ask("SELECT", Integer.toString(database));
                String cursor = "0";
                do {
                    List<Frame> page = ((Frame.Array) reading.ask("SCAN", cursor, "COUNT", "1000")).items();
                    cursor = page.getFirst().text();
                    for (Frame key : ((Frame.Array) page.getLast()).items()) {
                        all.put(database + " " + key.text(), reading.ask("GET", key.text()).text() + ", "
                                + reading.ask("PEXPIRETIME", key.text()).text());
                    }
                } while (!cursor.equals("0"));
            }
        }
        return all;
    }

    @Override
    public void close() {
        connection.close();
        server.close();
    }
}
