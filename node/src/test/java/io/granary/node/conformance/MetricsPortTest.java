package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.granary.node.embedded.EmbeddedCluster;
import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The metrics port answers what it is there for, refuses all else, and is bounded. */
class MetricsPortTest {

    /** What the port takes at once, and as many again. */
    private static final int MANY_CONNECTIONS = 64;

    @Test
    void whatThereIsIsServedAndNothingElse() {
        try (TestNode node = TestNode.start(); Connection client = node.connect()) {
            int port = Scrape.open(client);
            HttpResponse<String> page = Scrape.get(port, "/metrics?name[]=redis_up".replace("[]", "%5B%5D"));
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(Scrape.get(port, "/healthz").body()).isEqualTo("ok\n");
            assertThat(Scrape.get(port, "/readyz").body()).isEqualTo("ok\n");
            assertThat(Scrape.get(port, "/").statusCode()).isEqualTo(404);
            assertThat(Scrape.get(port, "/metrics/").statusCode()).isEqualTo(404);
            URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
            HttpResponse<String> post = Scrape.ask(
                    HttpRequest.newBuilder(metrics).POST(HttpRequest.BodyPublishers.noBody()).build());
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("allow")).hasValue("GET, HEAD");
            HttpResponse<String> head = Scrape.ask(HttpRequest.newBuilder(metrics).HEAD().build());
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
        }
    }

    @Test
    void whatIsNoRequestOrTooLongIsBad() throws IOException {
        try (TestNode node = TestNode.start(); Connection client = node.connect()) {
            int port = Scrape.open(client);
            assertThat(raw(port, "\r\nPING\r\n\r\n")).startsWith("HTTP/1.1 400 ");
            assertThat(raw(port, "GET /" + "x".repeat(3000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
            assertThat(raw(port, "GET /metrics HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(raw(port, "GET /metrics HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 ").contains("\nredis_up 1\n");
            assertThat(raw(port, "GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n").split("HTTP/1.1 ", -1))
                    .as("one answer a connection").hasSize(2);
        }
    }

    /** Sends all at once, and returns what comes until the end. */
    private static String raw(int port, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            StringBuilder received = new StringBuilder();
            try {
                for (int next = in.read(); next >= 0; next = in.read()) {
                    received.append((char) next);
                }
            } catch (IOException _) {
                // what was not read any more may end the connection hard
            }
            return received.toString();
        }
    }

    @Test
    void connectionsAreFewAndEndByThemselves() throws IOException {
        try (TestNode node = TestNode.start(); Connection client = node.connect()) {
            int port = Scrape.open(client);
            List<Socket> idle = new ArrayList<>();
            try {
                for (int i = 0; i < MANY_CONNECTIONS; i++) {
                    idle.add(new Socket("127.0.0.1", port));
                }
                for (Socket refused : idle.subList(MANY_CONNECTIONS / 2, MANY_CONNECTIONS)) {
                    assertThat(refused.getInputStream().read()).isEqualTo(-1);
                }
                assertThat(client.ask("PING").text()).isEqualTo("PONG");
                Socket slow = idle.getFirst();
                slow.getOutputStream().write('G');
                assertThat(slow.getInputStream().read()).as("it never asks").isEqualTo(-1);
                await().untilAsserted(() -> assertThat(Scrape.get(port, "/healthz").statusCode()).isEqualTo(200));
            } finally {
                for (Socket socket : idle) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void thePortChangesWhileTheNodeRuns() {
        try (TestNode node = TestNode.start(); Connection client = node.connect()) {
            int first = Scrape.open(client);
            int second = Scrape.open(client);
            assertThat(Scrape.get(second, "/healthz").statusCode()).isEqualTo(200);
            assertClosed(first);
            assertThat(client.ask("CONFIG", "SET", "metrics-port", Integer.toString(node.port())).text())
                    .contains("Unable to listen on the metrics port");
            assertThat(Scrape.get(second, "/healthz").statusCode()).isEqualTo(200);
            client.configure("metrics-bind", "*");
            assertThat(Scrape.get(second, "/healthz").statusCode()).isEqualTo(200);
            client.configure("metrics-port", "0");
            assertClosed(second);
        }
    }

    private static void assertClosed(int port) {
        assertThatThrownBy(() -> Scrape.get(port, "/healthz"))
                .isInstanceOf(UncheckedIOException.class).cause().isInstanceOf(ConnectException.class);
    }

    @Test
    void aReplicaWithoutItsPrimaryIsAliveAndNotReady() {
        try (TestNode primary = TestNode.start(); TestNode replica = TestNode.start();
                Connection client = replica.connect()) {
            int port = Scrape.open(client);
            client.ask("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
            await().untilAsserted(() -> assertThat(Scrape.get(port, "/readyz").statusCode()).isEqualTo(200));
            client.ask("REPLICAOF", "127.0.0.1", Integer.toString(FreePorts.next()));
            await().untilAsserted(() -> assertThat(Scrape.get(port, "/readyz").body())
                    .isEqualTo("the link to the primary is down\n"));
            assertThat(Scrape.get(port, "/readyz").statusCode()).isEqualTo(503);
            assertThat(Scrape.get(port, "/healthz").statusCode()).isEqualTo(200);
            client.ask("REPLICAOF", "NO", "ONE");
            assertThat(Scrape.get(port, "/readyz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aNodeOfNoClusterIsAliveAndNotReadyUntilSlotsAreServed() throws IOException {
        try (EmbeddedCluster cluster = EmbeddedCluster.unformed(1);
                Connection client = Connection.to(cluster.node(0).port())) {
            int port = Scrape.open(client);
            HttpResponse<String> answer = Scrape.get(port, "/readyz");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).startsWith("the cluster is down");
            client.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await().untilAsserted(() -> assertThat(Scrape.get(port, "/readyz").statusCode()).isEqualTo(200));
        }
    }

    @Test
    void anEventLoopThatHangsIsTold() throws Exception {
        try (TestNode node = TestNode.start("--io-threads", "1"); Connection client = node.connect()) {
            int port = Scrape.open(client);
            Thread sleeper = Thread.ofPlatform().start(() -> client.ask("DEBUG", "SLEEP", "4"));
            await().untilAsserted(() -> assertThat(Scrape.get(port, "/healthz").body())
                    .isEqualTo("1 of 1 event loops have not answered for 2000 ms\n"));
            sleeper.join();
            await().untilAsserted(() -> assertThat(Scrape.get(port, "/healthz").statusCode()).isEqualTo(200));
        }
    }
}
