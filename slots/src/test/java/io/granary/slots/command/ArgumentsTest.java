package io.granary.slots.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.resp.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    private static Request request(String argument) {
        byte[] text = argument.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment bytes = Arena.ofAuto().allocate(text.length + 1L);
        MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length);
        Request request = new Request();
        request.begin(bytes);
        request.add(0, text.length);
        return request;
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {"0, 0", "42, 42", "9223372036854775807, 9223372036854775807",
        "9223372036854775808, -9223372036854775808", "18446744073709551615, -1", "007, 7", "+5, 5", "\" 5\", 5", "-0, 0",
        "-01, -1"})
    void aCursorIsReadAsStrtoullDoes(String text, long cursor) {
        assertThat(Arguments.cursor(request(text), 0)).isEqualTo(cursor);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-", "+", "-1", "x", "1x", "1 ", "0x10", "18446744073709551616", "1.0"})
    void anythingElseIsNoCursor(String text) {
        assertThatThrownBy(() -> Arguments.cursor(request(text), 0)).isSameAs(Errors.INVALID_CURSOR);
    }

    @Test
    void an32BitIntegerHasItsOwnRefusal() {
        assertThat(Arguments.integer32(request("2147483647"), 0)).isEqualTo(Integer.MAX_VALUE);
        assertThatThrownBy(() -> Arguments.integer32(request("x"), 0)).isSameAs(Errors.NOT_AN_INTEGER);
        assertThatThrownBy(() -> Arguments.integer32(request("2147483648"), 0))
                .hasMessage("ERR value is out of range, value must between -2147483648 and 2147483647");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1.5, 1.5", "-2e3, -2000", ".5, 0.5", "5., 5", "inf, Infinity", "-Infinity, -Infinity", "+1, 1"})
    void aDoubleIsReadAsStrtodDoes(String text, double value) {
        assertThat(Arguments.decimal(request(text), 0)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nan", "x", "1d", "1f", " 1", "1 ", "1e999", "--1", "1e", "."})
    void anythingElseIsNoDouble(String text) {
        assertThatThrownBy(() -> Arguments.decimal(request(text), 0)).isSameAs(Errors.NOT_A_FLOAT);
    }
}
