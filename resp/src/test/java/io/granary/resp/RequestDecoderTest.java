package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.RequestDecoder.Result;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDecoderTest {

    private static final RequestLimits STRANGER = RequestLimits.DEFAULT.authenticated(false);

    @Test
    void anArrayOfBulkStringsIsARequest() {
        assertThat(Decoding.of("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n")).containsExactly("SET k hello");
    }

    @Test
    void aPipelineYieldsItsRequestsInOrder() {
        assertThat(Decoding.of("*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"))
                .containsExactly("PING", "PING", "GET k");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 1001, 16384, 70000})
    void argumentsOfEveryLengthOfHeaderAreFound(int length) {
        String value = "v".repeat(length);
        byte[] bytes = RequestEncoder.encode("SET", value, "k");
        Decoding decoding = new Decoding(RequestLimits.DEFAULT);

        int end = decoding.take(Decoding.nativeCopy(bytes, 0, bytes.length), 0, bytes.length);

        assertThat(end).isEqualTo(bytes.length);
        assertThat(decoding.request().count()).isEqualTo(3);
        assertThat(decoding.request().toText(1)).isEqualTo(value);
        assertThat(decoding.request().toText(2)).isEqualTo("k");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 11, 100, 5500})
    void requestsOfAnyNumberOfArgumentsAreFound(int count) {
        String[] arguments = new String[count];
        Arrays.setAll(arguments, Integer::toString);

        assertThat(Decoding.of(RequestEncoder.encode(arguments), RequestLimits.DEFAULT))
                .containsExactly(String.join(" ", arguments));
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 7_001, 20_000})
    void aLongRequestMayComeInPartsWithoutItsPlacesBeingKept(int partBytes) {
        String[] arguments = new String[6_000];
        Arrays.setAll(arguments, i -> "v".repeat(i % 13) + i);
        byte[] bytes = RequestEncoder.encode(arguments);
        byte[] next = RequestEncoder.encode("PING");
        MemorySegment all = Decoding.nativeCopy(bytes, 0, bytes.length);
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        int kept = 0;
        for (int to = partBytes; to < bytes.length; to += partBytes) {
            assertThat(decoder.decode(all, 0, to, request)).isEqualTo(Result.INCOMPLETE);
            kept = Math.max(kept, request.count());
        }
        assertThat(kept).isLessThanOrEqualTo(1024);
        byte[] both = Arrays.copyOf(bytes, bytes.length + next.length);
        System.arraycopy(next, 0, both, bytes.length, next.length);
        MemorySegment moved = Decoding.nativeCopy(both, 0, both.length);
        assertThat(decoder.decode(moved, 0, both.length, request)).isEqualTo(Result.COMPLETE);
        assertThat(decoder.consumed()).isEqualTo(bytes.length);
        assertThat(request.count()).isEqualTo(arguments.length);
        for (int i = 0; i < arguments.length; i++) {
            assertThat(request.toText(i)).isEqualTo(arguments[i]);
        }
        assertThat(decoder.decode(moved, bytes.length, both.length, request)).isEqualTo(Result.COMPLETE);
        assertThat(request.toText(0)).isEqualTo("PING");
    }

    @Test
    void argumentsHoldAnyBytes() {
        assertThat(Decoding.of("*2\r\n$4\r\nECHO\r\n$6\r\n\0\r\n$\u00ff*\r\n")).containsExactly("ECHO \0\r\n$\u00ff*");
    }

    @Test
    void theTwoBytesThatEndALineMayBeAnyAsInRedis() {
        assertThat(Decoding.of("*1\rX$4\rYPINGab*1\r\n$4\r\nPING\r\n")).containsExactly("PING", "PING");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*0\r\n", "*-1\r\n", "*-10\r\n", "\r\n", "\n", "  \r\n", "\t\n"})
    void whatAsksForNothingIsEmptyAndConsumed(String text) {
        assertThat(Decoding.of(text + "PING\r\n")).containsExactly("PING");
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        assertThat(decoder.decode(Decoding.nativeCopy(text), 0, text.length(), new Request())).isEqualTo(Result.EMPTY);
        assertThat(decoder.consumed()).isEqualTo(text.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"*x\r\n", "*\r\n", "*01\r\n", "*+1\r\n", "*-0\r\n", "*00\r\n", "*-\r\n", "*1 \r\n",
        "*2147483648\r\n", "*9223372036854775808\r\n", "*-9223372036854775809\r\n",
        "*111111111111111111111\r\n", "*1\0\r\n"})
    void aMultibulkLengthThatIsNoNumberOrTooGreatIsRefused(String text) {
        assertThat(Decoding.of(text)).containsExactly("! Protocol error: invalid multibulk length");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$\r\n", "$-1\r\n", "$04\r\n", "$4 \r\n", "$+4\r\n", "$x\r\n", "$1x\r\n", "$12x\r\n", "$0x2\r\n",
        "$:2\r\n", "$1:\r\n", "$12:\r\n", "$536870913\r\n", "$9223372036854775808\r\n"})
    void aBulkLengthThatIsNoNumberOrTooGreatIsRefused(String header) {
        assertThat(Decoding.of("*1\r\n" + header + "PINGPINGPING\r\n"))
                .containsExactly("! Protocol error: invalid bulk length");
    }

    @Test
    void anythingButADollarWhereABulkStringShouldBeIsNamed() {
        assertThat(Decoding.of("*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n"))
                .containsExactly("! Protocol error: expected '$', got 'f'");
        assertThat(Decoding.of("*1\r\n\r\n")).containsExactly("! Protocol error: expected '$', got '\r'");
        assertThat(Decoding.of("*1\r\n\u00e9\r\n")).containsExactly("! Protocol error: expected '$', got '\u00e9'");
    }

    @Test
    void linesThatDoNotEndAreRefusedBeyond64KiB() {
        assertThat(Decoding.of("*" + "1".repeat(65535))).isEmpty();
        assertThat(Decoding.of("*" + "1".repeat(65536))).containsExactly("! Protocol error: too big mbulk count string");
        assertThat(Decoding.of("*1\r\n$" + "1".repeat(65535))).isEmpty();
        assertThat(Decoding.of("*1\r\n$" + "1".repeat(65536)))
                .containsExactly("! Protocol error: too big bulk count string");
        assertThat(Decoding.of("A".repeat(65536))).isEmpty();
        assertThat(Decoding.of("A".repeat(65537))).containsExactly("! Protocol error: too big inline request");
    }

    @Test
    void aStrangerMaySendTenArgumentsOf16KiB() {
        assertThat(Decoding.of("*10\r\n" + "$1\r\na\r\n".repeat(10), STRANGER)).containsExactly("a a a a a a a a a a");
        assertThat(Decoding.of("*11\r\n", STRANGER)).containsExactly("! Protocol error: unauthenticated multibulk length");
        assertThat(Decoding.of("*1\r\n$16384\r\n", STRANGER)).isEmpty();
        assertThat(Decoding.of("*1\r\n$16385\r\n", STRANGER))
                .containsExactly("! Protocol error: unauthenticated bulk length");
        assertThat(Decoding.of("*1\r\n$536870913\r\n", STRANGER)).containsExactly("! Protocol error: invalid bulk length");
        assertThat(Decoding.of("*2147483648\r\n", STRANGER)).containsExactly("! Protocol error: invalid multibulk length");
    }

    @Test
    void limitsHoldFromWhenTheyAreSet() {
        Decoding decoding = new Decoding(STRANGER);
        decoding.decoder().limits(RequestLimits.DEFAULT);
        byte[] bytes = RequestEncoder.encode("SET", "k", "v".repeat(20000));

        assertThat(decoding.take(Decoding.nativeCopy(bytes, 0, bytes.length), 0, bytes.length)).isEqualTo(bytes.length);
    }

    @Test
    void theConfiguredBulkLengthIsObeyed() {
        RequestLimits limits = RequestLimits.DEFAULT.maxBulkBytes(1 << 20);
        assertThat(Decoding.of("*1\r\n$1048576\r\n", limits)).isEmpty();
        assertThat(Decoding.of("*1\r\n$1048577\r\n", limits)).containsExactly("! Protocol error: invalid bulk length");
    }

    @Test
    void aRequestBeyondTheQueryLimitEndsTheConnectionWithoutAWord() {
        RequestLimits limits = RequestLimits.DEFAULT.maxQueryBytes(1 << 20);
        assertThat(Decoding.of("*1\r\n$1048576\r\n", limits)).containsExactly("! ");
        assertThat(Decoding.of("*1\r\n$1048560\r\n", limits)).isEmpty();
        RequestLimits huge = new RequestLimits(Integer.MAX_VALUE, Long.MAX_VALUE, 65536, Long.MAX_VALUE, true);
        assertThat(Decoding.of("*1\r\n$9223372036854775807\r\n", huge)).containsExactly("! ");
        assertThat(Decoding.of("*1\r\n$2147483647\r\n", huge)).containsExactly("! ");
    }

    @ParameterizedTest
    @CsvSource({"'*2147483647\r\n', 1", "'*1\r\n$100\r\n', 102", "'*1\r\n$100\r\nabc', 99",
        "'*1\r\n$1\r\na', 2", "'', 1", "PING, 1"})
    void anUnfinishedRequestSaysWhatItNeedsAtLeast(String text, long missing) {
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);

        assertThat(decoder.decode(Decoding.nativeCopy(text), 0, text.length(), new Request())).isEqualTo(Result.INCOMPLETE);
        assertThat(decoder.missing()).isEqualTo(missing);
    }

    @Test
    void aRequestInPartsMayMoveBetweenThem() {
        byte[] whole = Decoding.latin("....*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n");
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        MemorySegment first = Decoding.nativeCopy(whole, 0, whole.length - 4);
        MemorySegment second = Decoding.nativeCopy(whole, 4, whole.length - 4);

        assertThat(decoder.decode(first, 4, (int) first.byteSize(), request)).isEqualTo(Result.INCOMPLETE);
        first.fill((byte) 0);
        assertThat(decoder.decode(second, 0, (int) second.byteSize(), request)).isEqualTo(Result.COMPLETE);

        assertThat(request.toText(0) + request.toText(1) + request.toText(2)).isEqualTo("SETkhello");
        assertThat(decoder.consumed()).isEqualTo(second.byteSize());
    }

    @Test
    void aRequestInPartsMayBeGivenAgainFromItsBeginning() {
        MemorySegment part = Decoding.nativeCopy("*2\r\n$3\r\nGET\r\n$1\r\n");
        MemorySegment other = Decoding.nativeCopy("*1\r\n$4\r\nPING\r\n");
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        decoder.decode(part, 0, (int) part.byteSize(), request);
        decoder.reset();

        assertThat(decoder.decode(other, 0, (int) other.byteSize(), request)).isEqualTo(Result.COMPLETE);
        assertThat(request.toText(0)).isEqualTo("PING");
    }

    /** A value that arrives byte by byte is looked at once: its bytes are made unreadable by lying outside the segment. */
    @Test
    void theBytesOfAnArgumentAreNeverLookedAt() {
        String header = "*2\r\n$3\r\nGET\r\n$400000000\r\n";
        MemorySegment in = Decoding.nativeCopy(header);
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        for (int arrived = header.length(); arrived < header.length() + 400_000_002; arrived += 40_000_000) {
            assertThat(decoder.decode(in, 0, arrived, request)).isEqualTo(Result.INCOMPLETE);
        }

        assertThat(decoder.decode(in, 0, header.length() + 400_000_002, request)).isEqualTo(Result.COMPLETE);
        assertThat(request.length(1)).isEqualTo(400_000_000);
    }

    /** Whole arguments lie outside the segment of the second call, so reading them again would fail. */
    @Test
    void wholeArgumentsAreNotReadAgain() {
        byte[] bytes = RequestEncoder.encode("MSET", "a", "b", "c", "d");
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        assertThat(decoder.decode(Decoding.nativeCopy(bytes, 0, bytes.length - 1), 0, bytes.length - 1, request))
                .isEqualTo(Result.INCOMPLETE);

        byte[] onlyTheEnd = new byte[bytes.length];
        System.arraycopy(bytes, bytes.length - 9, onlyTheEnd, bytes.length - 9, 9);
        MemorySegment rest = Decoding.nativeCopy(onlyTheEnd, 0, onlyTheEnd.length);
        assertThat(decoder.decode(rest, 0, bytes.length, request)).isEqualTo(Result.COMPLETE);
        assertThat(request.count()).isEqualTo(5);
        assertThat(request.toText(4)).isEqualTo("d");
    }
}
