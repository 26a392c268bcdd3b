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

    private LiveServer standalone;
    private LiveServer clustered;

    static List<Transcript> ofStandalone() {
        return Stream.concat(Transcript.in("/node-transcripts").stream(), Transcript.in("/transcripts").stream()).toList();
    }

    static List<Transcript> ofClustered() {
        return Transcript.in("/transcripts/cluster");
    }

    @BeforeParameterizedClassInvocation
    void start() {
        standalone = kind.start();
        clustered = kind.startOwningAllSlots();
    }

    @AfterParameterizedClassInvocation
    void stop() {
        if (clustered != null) {
            clustered.close();
        }
        if (standalone != null) {
            standalone.close();
        }
    }

    @ParameterizedTest
    @MethodSource("ofStandalone")
    void alone(Transcript transcript) {
        play(transcript, standalone);
    }

    @ParameterizedTest
    @MethodSource("ofStandalone")
    void aloneInAPipeline(Transcript transcript) {
        try (Connection connection = standalone.connect()) {
            transcript.playAtOnce(connection);
        }
    }

    @ParameterizedTest
    @MethodSource("ofClustered")
    void inACluster(Transcript transcript) {
        play(transcript, clustered);
    }

    private static void play(Transcript transcript, LiveServer server) {
        try (Connection connection = server.connect()) {
            transcript.play(connection);
        }
    }
}
