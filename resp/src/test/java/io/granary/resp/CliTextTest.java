package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The expected texts are what redis-cli prints on a terminal for the same bytes. */
class CliTextTest {

    @Test
    void scalars() throws IOException {
        assertPrints("+OK\r\n", "OK");
        assertPrints("-ERR no\r\n", "(error) ERR no");
        assertPrints(":-2\r\n", "(integer) -2");
        assertPrints("#t\r\n", "(true)");
        assertPrints("#f\r\n", "(false)");
        assertPrints(",3.25\r\n", "(double) 3.25");
        assertPrints(",-inf\r\n", "(double) -inf");
        assertPrints("(123456789012345678901\r\n", "123456789012345678901");
        assertPrints("=8\r\ntxt:a\"\nb\r\n", "a\"\nb");
    }

    @Test
    void everyNullIsNil() throws IOException {
        assertPrints("$-1\r\n", "(nil)");
        assertPrints("*-1\r\n", "(nil)");
        assertPrints("_\r\n", "(nil)");
    }

    @Test
    void stringsAreQuotedAndEscaped() throws IOException {
        assertPrints("$4\r\nte t\r\n", "\"te t\"");
        assertPrints("$0\r\n\r\n", "\"\"");
        assertPrints("$7\r\n\\\"\n\r\t\u0007\b\r\n", "\"\\\\\\\"\\n\\r\\t\\a\\b\"");
        assertPrints("$4\r\n\u00e9\0~\u007f\r\n", "\"\\xe9\\x00~\\x7f\"");
    }

    @Test
    void emptyAggregates() throws IOException {
        assertPrints("*0\r\n", "(empty array)");
        assertPrints("%0\r\n", "(empty hash)");
        assertPrints("~0\r\n", "(empty set)");
        assertPrints(">0\r\n", "(empty push)");
    }

    @Test
    void elementsAreNumbered() throws IOException {
        assertPrints("*2\r\n$1\r\na\r\n:1\r\n", "1) \"a\"\n2) (integer) 1");
        assertPrints("~2\r\n+a\r\n+b\r\n", "1~ a\n2~ b");
        assertPrints(">1\r\n+a\r\n", "1) a");
    }

    @Test
    void numbersAreAlignedAndNestedElementsIndented() throws IOException {
        assertPrints("*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n*2\r\n:3\r\n:4\r\n",
                "1) 1) (integer) 1\n   2) (integer) 2\n2) 1) 1) (integer) 3\n      2) (integer) 4");
        assertPrints("*10\r\n" + "+a\r\n".repeat(9) + "*2\r\n+b\r\n+c\r\n",
                " 1) a\n 2) a\n 3) a\n 4) a\n 5) a\n 6) a\n 7) a\n 8) a\n 9) a\n10) 1) b\n    2) c");
    }

    @Test
    void mapsShowTheirValuesBehindArrows() throws IOException {
        assertPrints("%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", "1# a => (integer) 1\n2# b => (empty array)");
        assertPrints("%1\r\n+a\r\n*1\r\n:1\r\n", "1# a => 1) (integer) 1");
        assertPrints("%1\r\n+a\r\n*2\r\n:1\r\n:2\r\n", "1# a => \n   1) (integer) 1\n   2) (integer) 2");
        assertPrints("%1\r\n+a\r\n%1\r\n+b\r\n:1\r\n", "1# a => 1# b => (integer) 1");
        assertPrints("%1\r\n+a\r\n%2\r\n+b\r\n:1\r\n+c\r\n_\r\n", "1# a => \n   1# b => (integer) 1\n   2# c => (nil)");
    }

    private static void assertPrints(String reply, String expected) throws IOException {
        FrameDecoder decoder = new FrameDecoder();
        decoder.feed(Decoding.latin(reply));
        assertThat(CliText.of(decoder.next())).isEqualTo(expected);
        assertThat(decoder.buffered()).isZero();
    }
}
