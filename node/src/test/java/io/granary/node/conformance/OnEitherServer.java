package io.granary.node.conformance;

import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** Tests that run once with a redis-server and once with a node of ours, each with its defaults and shared by the class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnEitherServer {

    @Parameter
    private LiveServer.Kind kind;

    /** The server under test. */
    protected LiveServer server;

    @BeforeParameterizedClassInvocation
    void start() {
        server = kind.start();
    }

    @AfterParameterizedClassInvocation
    void stop() {
        if (server != null) {
            server.close();
        }
    }
}
