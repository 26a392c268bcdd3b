package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.granary.node.Clock;
import io.granary.node.Node;
import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.node.process.StartFailure;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node does with its file at the start. */
@Timeout(60)
class LoadingTest {

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("dump.rdb");
    }

    /** A file with three keys of two databases, one of them long gone. */
    private void save() {
        try (LiveServer server = TestNode.start("--dir", folder.toString()); Connection client = server.connect()) {
            client.ask("SET", "a", "1");
            client.ask("SET", "b", "text ".repeat(20));
            client.ask("SET", "short", "lived", "PX", "1");
            client.ask("SELECT", "3");
            client.ask("SET", "c", "3", "PXAT", "4000000000000");
            assertThat(client.ask("SAVE").text()).isEqualTo("OK");
        }
    }

    private Node node(int port, Shutdown shutdown, String... more) {
        String[] arguments = Arrays.copyOf(new String[] {
            "--bind", "127.0.0.1", "--port", Integer.toString(port), "--dir", folder.toString()}, 6 + more.length);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return new Node(Configuration.of(arguments), NodeLog.silent(), Clock.SYSTEM, shutdown);
    }

    private void refused(String reason) throws IOException {
        Node node = node(FreePorts.next(), new Shutdown());
        try {
            assertThatThrownBy(node::start).isInstanceOfSatisfying(StartFailure.class, failure -> {
                assertThat(failure.lines().getFirst()).contains("dump.rdb", reason);
                assertThat(failure.lines().getLast())
                        .isEqualTo("Fatal error loading the DB, check server logs. Exiting.");
            });
        } finally {
            node.stop();
        }
    }

    @Test
    void keysWhoseTimeHasComeAreLeftOut() {
        save();
        try (TestNode node = TestNode.start("--dir", folder.toString()); Connection client = node.connect()) {
            assertThat(client.ask("INFO", "persistence").text())
                    .contains("rdb_last_load_keys_loaded:3", "rdb_last_load_keys_expired:1");
            assertThat(client.ask("INFO", "keyspace").text()).contains("db0:keys=2,expires=0", "db3:keys=1,expires=1");
            assertThat(node.log()).contains("Done loading RDB, keys loaded: 3, keys expired: 1.", "DB loaded from disk: ");
        }
    }

    @Test
    void aDamagedFileIsRefusedWithTheReason() throws IOException {
        save();
        byte[] whole = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOf(whole, whole.length / 2));
        refused("the RDB ends in the middle");
        byte[] flipped = whole.clone();
        flipped[whole.length - 20] ^= 4;
        Files.write(file(), flipped);
        refused(", at byte ");
        Files.write(file(), "This is not an RDB file".getBytes());
        refused("this is no RDB");
        Files.write(file(), new byte[0]);
        refused("the RDB ends in the middle");
        Files.delete(file());
        Files.createDirectory(file());
        refused("s a directory");
    }

    @Test
    void aTypeThatIsMissingHereIsRefusedByName() throws IOException {
        try (LiveServer redis = LiveServer.Kind.REDIS.start("--dir", folder.toString());
                Connection client = redis.connect()) {
            client.ask("ZADD", "board", "1", "a");
            client.ask("SAVE");
        }
        refused("a sorted set at key 'board', a type that this version does not have");
    }

    /** Until all is there, clients can connect and hear that they have to wait. */
    @Test
    void whileItLoadsClientsAreAskedToWait() throws Exception {
        save();
        int port = FreePorts.next();
        Node node = node(port, new Shutdown(), "--key-load-delay", "300000");
        CompletableFuture<Void> listening = new CompletableFuture<>();
        CompletableFuture<Void> start = CompletableFuture.runAsync(() -> {
            try {
                node.start(() -> listening.complete(null));
            } catch (StartFailure failure) {
                throw new IllegalStateException(failure);
            }
        });
        listening.join();
        try (Connection client = Connection.to(port)) {
            assertThat(client.ask("GET", "a").text()).isEqualTo("LOADING Redis is loading the dataset in memory");
            assertThat(client.ask("SET", "a", "2").text()).startsWith("LOADING");
            assertThat(client.ask("PING").text()).startsWith("LOADING");
            assertThat(client.ask("INFO", "persistence").text())
                    .contains("loading:1", "async_loading:0", "loading_total_bytes:");
            start.join();
            assertThat(client.ask("GET", "a").text()).isEqualTo("1");
            assertThat(client.ask("INFO", "persistence").text()).contains("loading:0").doesNotContain("loading_total_bytes");
        } finally {
            start.join();
            node.stop();
        }
    }

    @Test
    void aNodeThatIsToEndLoadsNoFurther() throws IOException {
        save();
        Shutdown shutdown = new Shutdown();
        shutdown.request(Shutdown.Wish.of("", () -> { }));
        Node node = node(FreePorts.next(), shutdown);
        try {
            assertThatThrownBy(node::start).isInstanceOf(StartFailure.class)
                    .hasMessage("Received shutdown signal during loading, exiting now.");
        } finally {
            node.stop();
        }
    }

    @Test
    void keysOfSlotsThatNobodyOwnsMakeThemTheNodesOwn() {
        try (LiveServer redis = LiveServer.Kind.REDIS.start("--dir", folder.toString());
                Connection client = redis.connect()) {
            client.ask("SET", "foo", "bar");
            client.ask("SAVE");
        }
        try (TestNode node = TestNode.start("--dir", folder.toString(), "--cluster-enabled", "yes",
                        "--cluster-require-full-coverage", "no");
                Connection client = node.connect()) {
            await().until(() -> client.ask("GET", "foo").text().equals("bar"));
            assertThat(node.log()).contains("I have keys for unassigned slot 12182. Taking responsibility for it.");
            assertThat(client.ask("CLUSTER", "SLOTS").toString()).contains("12182");
        }
    }
}
