package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "7, 7", "-7, -7", "9223372036854775807, 9223372036854775807",
            "-9223372036854775808, -9223372036854775808"})
    void oneSpellingOfAWholeNumberIsRead(String text, long number) {
        NumberText read = new NumberText(text);
        assertThat(read.readWhole()).isTrue();
        assertThat(read.number()).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+1", " 1", "1 ", "01", "-0", "00", "1x", "9223372036854775808", "-9223372036854775809",
            "123456789012345678901"})
    void otherSpellingsAreNot(String text) {
        assertThat(new NumberText(text).readWhole()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "10b, 10",
            "1k, 1000", "1Kb, 1024", "2m, 2000000", "2MB, 2097152", "3g, 3000000000", "3gB, 3221225472",
            "kb, 0", "18446744073709551615, -1", "99999999999999999999, -1"})
    void sizesHaveUnits(String text, long bytes) {
        NumberText read = new NumberText(text);
        assertThat(read.readBytes()).isTrue();
        assertThat(read.number()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1x", "1 kb", "k1", "1.5gb", "1kbb"})
    void otherUnitsAreNoSizes(String text) {
        assertThat(new NumberText(text).readBytes()).isFalse();
    }

    @Test
    void theLongestNumericBeginningIsRead() {
        NumberText read = new NumberText(" +12x");
        assertThat(read.readPrefix(10)).isTrue();
        assertThat(read.number()).isEqualTo(12);
        assertThat(read.atEnd()).isFalse();
        NumberText huge = new NumberText("99999999999999999999");
        assertThat(huge.readPrefix(10)).isFalse();
        assertThat(huge.number()).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1023, 1023", "1024, 1kb", "1536, 1536", "2048, 2kb", "1048576, 1mb", "1073741824, 1gb",
            "1074790400, 1025mb", "18446744073709550592, -1kb"})
    void sizesAreWrittenInTheLargestUnitThatDividesThem(String bytes, String text) {
        assertThat(NumberText.bytesInUnits(Long.parseUnsignedLong(bytes))).isEqualTo(text);
    }
}
