package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfigLineTest {
    @Test
    void blanksSeparateWords() {
        assertThat(ConfigLine.words("save 60\t1 \u000b 5")).containsExactly("save", "60", "1", "5");
        assertThat(ConfigLine.words("  ")).isEmpty();
    }

    @Test
    void quotesKeepBlanksTogether() {
        assertThat(ConfigLine.words("a \"b c\" 'd e' x\"y z\"")).containsExactly("a", "b c", "d e", "xy z");
        assertThat(ConfigLine.words("a \"\" ''")).containsExactly("a", "", "");
    }

    @Test
    void doubleQuotesKnowEscapesAndSingleQuotesOnlyTheirOwn() {
        assertThat(ConfigLine.words("\"\\n\\r\\t\\b\\a\\q\\\"\\\\\\x41\\xfg\""))
                .containsExactly("\n\r\t\b\u0007q\"\\Axfg");
        assertThat(ConfigLine.words("'\\n\\'\\\\ '")).containsExactly("\\n'\\\\ ");
    }

    @Test
    void unbalancedQuotesAreNoLine() {
        for (String line : List.of("\"a", "'a", "\"a\"b", "'a'b", "a \"b\\\"", "x'")) {
            assertThat(ConfigLine.words(line)).as(line).isNull();
        }
    }

    @Test
    void whatIsQuotedReadsBackAsItWas() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            StringBuilder word = new StringBuilder();
            for (int j = random.nextInt(20); j > 0; j--) {
                word.append((char) (1 + random.nextInt(255)));
            }
            String quoted = ConfigLine.quoted(word.toString());
            assertThat(ConfigLine.words(quoted)).as("seed %d: %s", seed, quoted).containsExactly(word.toString());
        }
    }
}
