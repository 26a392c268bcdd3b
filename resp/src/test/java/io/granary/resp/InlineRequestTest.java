package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.RequestDecoder.Result;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as typed; what they mean was asked of a live redis-server. */
class InlineRequestTest {

    @Test
    void blanksSeparate() {
        assertThat(Decoding.of("  SET\tk   v \r\n")).containsExactly("SET k v");
    }

    @Test
    void aBareLineFeedEndsTheLine() {
        assertThat(Decoding.of("PING\nPING\r\n")).containsExactly("PING", "PING");
    }

    @Test
    void carriageReturnsWithinTheLineAreBlanks() {
        assertThat(Decoding.of("\rPING\ra\r\r\n")).containsExactly("PING a");
    }

    @Test
    void verticalTabsAndFormFeedsAreBlanksOnlyBeforeAnArgument() {
        assertThat(Decoding.of("PING\u000ba\r\n")).containsExactly("PING\u000ba");
        assertThat(Decoding.of("PING \u000ba\f\r\n")).containsExactly("PING a\f");
        assertThat(Decoding.of("PING \"a\"\u000bx\r\n")).containsExactly("PING a x");
    }

    @Test
    void doubleQuotesKeepBlanksAndUnescape() {
        assertThat(Decoding.of("ECHO \"a b\"\r\n")).containsExactly("ECHO <a b>");
        assertThat(Decoding.of("ECHO \"\\x41\\n\\r\\t\\b\\a\\q\\\"\\\\z\"\r\n"))
                .containsExactly("ECHO A\n\r\t\b\u0007q\"\\z");
        assertThat(Decoding.of("ECHO \"\\xzz\\x4\"\r\n")).containsExactly("ECHO xzzx4");
        assertThat(Decoding.of("ECHO \"\u00ff\\xFf\\x00\"\r\n")).containsExactly("ECHO \u00ff\u00ff\0");
    }

    @Test
    void singleQuotesKeepAllButAnEscapedQuote() {
        assertThat(Decoding.of("ECHO 'a\\'b\\n\"'\r\n")).containsExactly("ECHO a'b\\n\"");
    }

    @Test
    void emptyQuotesAreAnEmptyArgument() {
        assertThat(Decoding.of("ECHO \"\" ''\r\n")).containsExactly("ECHO <> <>");
        assertThat(Decoding.of("\"\"\r\n")).containsExactly("<>");
    }

    @Test
    void quotesMayOpenWithinAnArgument() {
        assertThat(Decoding.of("ECHO foo\"bar\" x\r\n")).containsExactly("ECHO foobar x");
    }

    @Test
    void aLineMayBeReadAgain() {
        MemorySegment line = Decoding.nativeCopy("SET k \"a \\x41\" 'b'\r\n");
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        for (int i = 0; i < 2; i++) {
            assertThat(decoder.decode(line, 0, (int) line.byteSize(), request)).isEqualTo(Result.COMPLETE);
            assertThat(request.toText(2) + "," + request.toText(3)).isEqualTo("a A,b");
        }
    }

    @Test
    void linesUpTo64KiBAreUnquoted() {
        for (int length : new int[] {1, 1023, 1024, 1025, 4097, 65000}) {
            String argument = "a".repeat(length);
            assertThat(Decoding.of("ECHO '" + argument + "'\r\n")).containsExactly("ECHO " + argument);
        }
    }

    @Test
    void outsideQuotesNothingIsEscaped() {
        assertThat(Decoding.of("ECHO a\\x41\\n\r\n")).containsExactly("ECHO a\\x41\\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ECHO \"foo\"bar\r\n", "ECHO \"foo\r\n", "ECHO 'foo\r\n", "ECHO 'foo'bar\r\n", "ECHO \"a\\\r\n",
        "ECHO \"a\\\"\r\n", "ECHO \"a\0b\"\r\n", "\"\"\"\r\n"})
    void unbalancedQuotesAreRefused(String text) {
        assertThat(Decoding.of(text)).containsExactly("! Protocol error: unbalanced quotes in request");
    }

    @Test
    void aZeroByteEndsTheArguments() {
        assertThat(Decoding.of("ECHO a\0b c\r\nPING\r\n")).containsExactly("ECHO a", "PING");
    }

    @Test
    void httpIsRecognizedByItsFirstWord() {
        assertThat(Decoding.of("POST / HTTP/1.1\r\n")).containsExactly("foreign");
        assertThat(Decoding.of("GET / HTTP/1.1\r\nhost: a\r\n")).containsExactly("GET / HTTP/1.1", "foreign");
        assertThat(Decoding.of("ECHO POST Host:\r\n")).containsExactly("ECHO POST Host:");
    }
}
