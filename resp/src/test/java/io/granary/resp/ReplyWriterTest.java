package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyWriterTest {

    private final ReplyBuffer buffer = new ReplyBuffer(UnpooledByteBufAllocator.DEFAULT);
    private final ReplyWriter reply = new ReplyWriter(buffer);

    @AfterEach
    void close() {
        buffer.close();
    }

    @Test
    void repliesThatBothProtocolsHave() {
        assertBoth(ReplyWriter::ok, "+OK\r\n");
        assertBoth(ReplyWriter::pong, "+PONG\r\n");
        assertBoth(r -> r.status("QUEUED"), "+QUEUED\r\n");
        assertBoth(r -> r.error("ERR no"), "-ERR no\r\n");
        assertBoth(r -> r.bulk("h\u00e9\r\n"), "$4\r\nh\u00e9\r\n\r\n");
        assertBoth(r -> r.bulk(new byte[0]), "$0\r\n\r\n");
        assertBoth(r -> r.array(3), "*3\r\n");
        assertBoth(r -> r.array(0), "*0\r\n");
        assertBoth(r -> r.array(123456), "*123456\r\n");
    }

    @Test
    void repliesThatOnlyResp3Has() {
        assertEach(ReplyWriter::nullBulk, "$-1\r\n", "_\r\n");
        assertEach(ReplyWriter::nullArray, "*-1\r\n", "_\r\n");
        assertEach(r -> r.map(2), "*4\r\n", "%2\r\n");
        assertEach(r -> r.map(600), "*1200\r\n", "%600\r\n");
        assertEach(r -> r.set(2), "*2\r\n", "~2\r\n");
        assertEach(r -> r.push(3), "*3\r\n", ">3\r\n");
        assertEach(r -> r.bool(true), ":1\r\n", "#t\r\n");
        assertEach(r -> r.bool(false), ":0\r\n", "#f\r\n");
        assertEach(r -> r.dbl(3.25), "$4\r\n3.25\r\n", ",3.25\r\n");
        assertEach(r -> r.dbl(Double.NEGATIVE_INFINITY), "$4\r\n-inf\r\n", ",-inf\r\n");
        assertEach(r -> r.dbl(-1.7976931348623157e308), "$24\r\n-1.7976931348623157e+308\r\n",
                ",-1.7976931348623157e+308\r\n");
        assertEach(r -> r.bigNumber("12345678901234567890"), "$20\r\n12345678901234567890\r\n", "(12345678901234567890\r\n");
        assertEach(r -> r.verbatim("txt", Decoding.latin("hi")), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 10, 99, 100, 999, 1000, 1001, 12345, 999_999_999_999_999_999L, 1_000_000_000_000_000_000L,
        Long.MAX_VALUE, -1, -9, -10, -999, -1000, Long.MIN_VALUE + 1, Long.MIN_VALUE})
    void integersOfEveryLength(long value) {
        String text = Long.toString(value);
        assertBoth(r -> r.integer(value), ":" + text + "\r\n");
        assertBoth(r -> r.bulkInteger(value), "$" + text.length() + "\r\n" + text + "\r\n");
    }

    @Test
    void everyIntegerThatIsAtHandIsRight() {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 1100; i++) {
            reply.integer(i);
            expected.append(':').append(i).append("\r\n");
        }
        assertThat(Written.drain(buffer)).isEqualTo(expected.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 63, 64, 998, 999, 1000, 1001, 65535, 65536, 65537, 200_000})
    void bulkStringsOfNativeMemory(int length) {
        String text = "0123456789".repeat(length / 10 + 1).substring(0, length);
        MemorySegment source = Decoding.nativeCopy("<" + text + ">");
        assertBoth(r -> r.bulk(source, 1, length), "$" + length + "\r\n" + text + "\r\n");
    }

    @Test
    void lineEndsInLinesBecomeBlanks() {
        assertBoth(r -> r.error("ERR a\r\nb\n"), "-ERR a  b\r\n");
        assertBoth(r -> r.status("a\rb"), "+a b\r\n");
        assertBoth(r -> r.error("ERR expected '$', got '\r'"), "-ERR expected '$', got ' '\r\n");
    }

    @Test
    void errorsAreCounted() {
        reply.ok();
        reply.error("ERR a");
        reply.error("ERR b");
        assertThat(reply.errors()).isEqualTo(2);
    }

    /** Every reply at every distance from a chunk's end. */
    @Test
    void repliesAreTheSameAcrossTheEndOfAChunk() {
        MemorySegment source = Decoding.nativeCopy("x".repeat(1200));
        String expected = "+OK\r\n:1234567\r\n$3\r\nxxx\r\n*2\r\n-ERR no\r\n$4\r\n0.25\r\n"
                + "$1200\r\n" + "x".repeat(1200) + "\r\n$-1\r\n";
        for (int before = ReplyBuffer.CHUNK_BYTES - 70; before <= ReplyBuffer.CHUNK_BYTES; before++) {
            byte[] filling = new byte[before];
            buffer.put(filling, 0, before);
            reply.ok();
            reply.integer(1234567);
            reply.bulk(source, 0, 3);
            reply.array(2);
            reply.error("ERR no");
            reply.dbl(0.25);
            reply.bulk(source, 0, 1200);
            reply.nullBulk();
            assertThat(Written.drain(buffer).substring(before)).as("behind %d bytes", before).isEqualTo(expected);
        }
    }

    private void assertBoth(Consumer<ReplyWriter> what, String expected) {
        assertEach(what, expected, expected);
    }

    private void assertEach(Consumer<ReplyWriter> what, String resp2, String resp3) {
        reply.resp3(false);
        what.accept(reply);
        assertThat(Written.drain(buffer)).isEqualTo(resp2);
        reply.resp3(true);
        what.accept(reply);
        assertThat(Written.drain(buffer)).isEqualTo(resp3);
    }
}
