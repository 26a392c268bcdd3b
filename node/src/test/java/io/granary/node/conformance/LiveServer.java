package io.granary.node.conformance;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/** A server that listens on a port of this machine. */
public interface LiveServer extends AutoCloseable {

    int port();

    @Override
    void close();

    /** A client that asks and waits for the answer. */
    default Connection connect() {
        try {
            return Connection.to(port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The servers that a test is held against. */
    enum Kind {
        GRANARY {
            @Override
            public LiveServer start(String... directives) {
                return TestNode.start(directives);
            }
        },
        REDIS {
            @Override
            public LiveServer start(String... directives) {
                assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
                RedisServer server = RedisServer.start(directives);
                return new LiveServer() {
                    @Override
                    public int port() {
                        return server.port();
                    }

                    @Override
                    public void close() {
                        server.close();
                    }
                };
            }
        };

        /** Starts one that keeps nothing on disk and whose keys expire only when they are asked for. */
        public abstract LiveServer start(String... directives);

        /** Starts one in cluster mode that is a cluster by itself, and waits until it serves. */
        public LiveServer startOwningAllSlots(String... directives) {
            String[] all = Stream.concat(Stream.of("--cluster-enabled", "yes"), Stream.of(directives))
                    .toArray(String[]::new);
            LiveServer server = start(all);
            try (Connection connection = server.connect()) {
                connection.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
                await().until(() -> connection.ask("CLUSTER", "INFO").text().contains("cluster_state:ok"));
            }
            return server;
        }
    }
}
