package io.granary.slots.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommonSubsequenceTest {

    private static final long SEED = 7;

    @Test
    void theSequenceIsTheOneThatAWholeTableGives() {
        Random random = new Random(SEED);
        for (int i = 0; i < 500; i++) {
            String a = text(random);
            String b = text(random);
            assertThat(common(a, b)).as("seed %d, pair %d: %s and %s", SEED, i, a, b).isEqualTo(tabled(a, b));
        }
    }

    @Test
    void emptyTextsHaveNothingInCommon() {
        assertThat(common("", "")).isEmpty();
        assertThat(common("abc", "")).isEmpty();
        assertThat(common("", "abc")).isEmpty();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }

    private static String common(String a, String b) {
        try (Arena arena = Arena.ofConfined()) {
            CommonSubsequence common = new CommonSubsequence(place(a, arena), place(b, arena), arena);
            assertThat(common.bytes()).hasSize(common.length());
            return new String(common.bytes(), StandardCharsets.US_ASCII);
        }
    }

    private static CommonSubsequence.Text place(String text, Arena arena) {
        MemorySegment bytes = arena.allocate(text.length() + 1L);
        MemorySegment.copy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length());
        return new CommonSubsequence.Text(bytes, 0, text.length());
    }

    /** The textbook's way, with the choices of Redis. */
    private static String tabled(String a, String b) {
        int[][] table = new int[a.length() + 1][b.length() + 1];
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                table[i][j] = a.charAt(i - 1) == b.charAt(j - 1)
                        ? table[i - 1][j - 1] + 1
                        : Math.max(table[i - 1][j], table[i][j - 1]);
            }
        }
        StringBuilder reversed = new StringBuilder();
        for (int i = a.length(), j = b.length(); i > 0 && j > 0; ) {
            if (a.charAt(i - 1) == b.charAt(j - 1)) {
                reversed.append(a.charAt(i - 1));
                i--;
                j--;
            } else if (table[i - 1][j] > table[i][j - 1]) {
                i--;
            } else {
                j--;
            }
        }
        return reversed.reverse().toString();
    }
}
