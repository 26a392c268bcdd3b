package io.granary.gossip.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The stories in {@code src/test/resources/scenarios} come true to the letter. After a change of behaviour that is meant,
 * {@code -Dgranary.scenarios.write=true} writes them anew; read what has changed.
 */
final class ScenarioTest {

    private static final Path SOURCES = Path.of("src/test/resources/scenarios");

    static Stream<String> scenarios() {
        try (Stream<Path> files = Files.list(directory())) {
            List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
            assertThat(names).isNotEmpty();
            return names.stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void comesTrue(String name) throws IOException {
        String told = Files.readString(directory().resolve(name));
        String happened = Scenario.run(told.lines().toList());
        if (Boolean.getBoolean("granary.scenarios.write")) {
            Files.writeString(SOURCES.resolve(name), happened);
        } else {
            assertThat(happened).isEqualTo(told);
        }
    }

    private static Path directory() {
        try {
            return Path.of(ScenarioTest.class.getResource("/scenarios").toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
