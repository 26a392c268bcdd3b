package io.granary.node.conformance;

import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.Transcript;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every transcript, those of the module slots included, gets its replies from a running node and from redis-server. */
@ParameterizedClass(name = "{0}")
@EnumSource
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeTranscriptTest {

    @Parameter
    private LiveServer.Kind kind;

    private LiveServer server;

    static List<Transcript> transcripts() {
        return Stream.concat(Transcript.in("/node-transcripts").stream(), Transcript.in("/transcripts").stream()).toList();
    }

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

    @ParameterizedTest
    @MethodSource("transcripts")
    void answers(Transcript transcript) {
        try (Connection connection = server.connect()) {
            transcript.play(connection);
        }
    }
}
