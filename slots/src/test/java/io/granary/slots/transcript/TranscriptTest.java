package io.granary.slots.transcript;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every transcript gets its replies here and from redis-server. */
class TranscriptTest {

    static List<Transcript> standalone() {
        return Transcript.in("/transcripts");
    }

    static List<Transcript> clustered() {
        return Transcript.in("/transcripts/cluster");
    }

    @ParameterizedTest
    @MethodSource("standalone")
    void aStandaloneServerAnswers(Transcript transcript) {
        try (InProcess server = new InProcess(false, System.currentTimeMillis())) {
            transcript.play(server);
        }
    }

    @ParameterizedTest
    @MethodSource("clustered")
    void aClusteredServerAnswers(Transcript transcript) {
        try (InProcess server = new InProcess(true, System.currentTimeMillis())) {
            transcript.play(server);
        }
    }

    /** The oracle: where the answers above come from. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OfRedisServer {

        private RedisServer standalone;
        private RedisServer clustered;

        @BeforeAll
        void start() {
            assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
            standalone = RedisServer.start();
            clustered = RedisServer.start("--cluster-enabled", "yes").serveAllSlots();
        }

        @AfterAll
        void stop() {
            if (standalone != null) {
                standalone.close();
            }
            if (clustered != null) {
                clustered.close();
            }
        }

        @ParameterizedTest
        @MethodSource("io.granary.slots.transcript.TranscriptTest#standalone")
        void standaloneItAnswers(Transcript transcript) {
            transcript.play(standalone.connection());
        }

        @ParameterizedTest
        @MethodSource("io.granary.slots.transcript.TranscriptTest#clustered")
        void inClusterModeItAnswers(Transcript transcript) {
            transcript.play(clustered.connection());
        }
    }
}
