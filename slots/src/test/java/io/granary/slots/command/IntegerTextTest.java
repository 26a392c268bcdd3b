package io.granary.slots.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntegerTextTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 9, 10, -10, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1})
    void anIntegerSurvivesTheWayToTextAndBack(long value) {
        MemorySegment bytes = Arena.ofAuto().allocate(IntegerText.BYTES_MAX);
        int length = IntegerText.write(value, bytes);
        assertThat(length).isEqualTo(Long.toString(value).length());
        assertThat(IntegerText.is(bytes, 0, length)).isTrue();
        assertThat(IntegerText.parse(bytes, 0, length)).isEqualTo(value);
    }

    @Test
    void randomIntegersAreWrittenAsJavaWritesThem() {
        Random random = new Random(5);
        MemorySegment bytes = Arena.ofAuto().allocate(IntegerText.BYTES_MAX);
        for (int i = 0; i < 1000; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            byte[] text = new byte[IntegerText.write(value, bytes)];
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, text, 0, text.length);
            assertThat(new String(text, StandardCharsets.US_ASCII)).isEqualTo(Long.toString(value));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+1", "01", "-0", "00", " 1", "1 ", "1.0", "1e3", "a", "--1", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999", "18446744073709551616", "123456789012345678901"})
    void anyOtherTextIsNone(String text) {
        MemorySegment bytes = Arena.ofAuto().allocate(text.length() + 1L);
        MemorySegment.copy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length());
        assertThat(IntegerText.is(bytes, 0, text.length())).isFalse();
    }
}
