package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    /** Run with {@code -Dgranary.write-docs=true} to write the page anew. */
    @Test
    void theReferenceIsWrittenFromTheTable() throws IOException {
        if (Boolean.getBoolean("granary.write-docs")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, ConfigurationReference.markdown());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(ConfigurationReference.markdown());
    }
}
