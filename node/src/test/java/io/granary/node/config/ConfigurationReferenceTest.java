package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    /** Run with {@code -Dgranary.write-docs=true} to write the page anew. */
    @Test
    void theReferenceIsWrittenFromTheTable() throws IOException {
        Path page = Path.of("..", "docs", "configuration.md");
        if (Boolean.getBoolean("granary.write-docs")) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, ConfigurationReference.markdown());
        }
        assertThat(Files.readString(page)).isEqualTo(ConfigurationReference.markdown());
    }
}
