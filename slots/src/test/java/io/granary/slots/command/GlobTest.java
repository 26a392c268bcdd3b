package io.granary.slots.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.Frame;
import io.granary.slots.transcript.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    private static final long SEED = 99;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
        "hello | hello | true", "hello | hellO | false", "h?llo | hallo | true", "h?llo | hllo | false",
        "h*llo | hllo | true", "h*llo | heeeello | true", "h*llo | heeeell | false", "*llo | llo | true",
        "h[ae]llo | hallo | true", "h[ae]llo | hillo | false", "h[^e]llo | hallo | true", "h[^e]llo | hello | false",
        "h[a-c]llo | hbllo | true", "h[c-a]llo | hbllo | true", "h[a-c]llo | hdllo | false", "h\\?llo | h?llo | true",
        "h\\?llo | hallo | false", "h[\\]]llo | h]llo | true", "h[]]llo | h]llo | false", "a[b | ab | true",
        "a[ | a | false", "a[^ | ab | true", "a[a- | a- | true", "\\ | \\ | true", "a\\ | a\\ | true", "** | a | true",
        "a** | a | true", "*a*b*c | xaxbxc | true", "*a*b*c | xaxcxb | false", "[\\a-c] | - | true", "[a | a | true",
        "[*] | * | true", "[!a] | ! | true",
    })
    void patternsMatchAsInRedis(String pattern, String text, boolean expected) {
        assertThat(Glob.of(pattern, false).matches(text)).isEqualTo(expected);
    }

    @Test
    void theEmptyTextIsMatchedByTheEmptyPatternAlone() {
        assertThat(Glob.of("", false).matches("")).isTrue();
        assertThat(Glob.of("", false).matches("a")).isFalse();
        assertThat(Glob.of("*", false).matches("")).isFalse();
        assertThat(Glob.of("*", false).matchesEverything()).isTrue();
        assertThat(Glob.of("**", false).matchesEverything()).isFalse();
    }

    @Test
    void caseCanBeIgnored() {
        assertThat(Glob.of("MAX*", true).matches("maxmemory")).isTrue();
        assertThat(Glob.of("max[L-N]*", true).matches("MAXmemory")).isTrue();
        assertThat(Glob.of("max[xyM]*", true).matches("maxmemory")).isTrue();
        assertThat(Glob.of("MAX*", false).matches("maxmemory")).isFalse();
    }

    @Test
    void nothingMatchesBeyondAThousandStars() {
        assertThat(Glob.of("*?".repeat(1000), false).matches("a".repeat(1000))).isTrue();
        assertThat(Glob.of("*?".repeat(1001), false).matches("a".repeat(1001))).isFalse();
    }

    @Test
    void aPatternOfManyStarsIsDecidedSoon() {
        Glob glob = Glob.of("*a".repeat(200) + "b", false);
        byte[] text = "a".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        boolean matches = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> glob.matches(text, text.length));
        assertThat(matches).isFalse();
    }

    @Test
    void randomPatternsFindTheKeysThatRedisServerFinds() {
        assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
        Random random = new Random(SEED);
        try (RedisServer redis = RedisServer.start()) {
            List<String> keys = new ArrayList<>(new TreeSet<>(texts(random, "ab-]^", 300)));
            keys.forEach(key -> redis.ask("SET", key, ""));
            for (String pattern : texts(random, "ab-]^*?[\\", 2000)) {
                Glob glob = Glob.of(pattern, false);
                List<String> expected = redis.ask("KEYS", pattern).items().stream().map(Frame::text).sorted().toList();
                assertThat(keys.stream().filter(key -> glob.matchesEverything() || glob.matches(key)))
                        .as("seed %d, pattern %s", SEED, pattern)
                        .containsExactlyElementsOf(expected);
            }
        }
    }

    private static List<String> texts(Random random, String alphabet, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(7); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
