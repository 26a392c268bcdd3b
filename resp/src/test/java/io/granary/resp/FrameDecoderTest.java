package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.resp.Frame.Array;
import io.granary.resp.Frame.BigNumber;
import io.granary.resp.Frame.Bool;
import io.granary.resp.Frame.Bulk;
import io.granary.resp.Frame.DoubleFrame;
import io.granary.resp.Frame.ErrorFrame;
import io.granary.resp.Frame.IntegerFrame;
import io.granary.resp.Frame.MapFrame;
import io.granary.resp.Frame.Null;
import io.granary.resp.Frame.Pair;
import io.granary.resp.Frame.Push;
import io.granary.resp.Frame.SetFrame;
import io.granary.resp.Frame.SimpleString;
import io.granary.resp.Frame.Verbatim;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {

    private static final String EVERYTHING = "+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n_\r\n"
            + "*2\r\n:1\r\n*1\r\n$0\r\n\r\n%1\r\n+k\r\n~1\r\n+v\r\n>2\r\n+a\r\n+b\r\n,1.5\r\n,inf\r\n#t\r\n#f\r\n"
            + "(99999999999999999999\r\n=7\r\nmkd:a\r\n\r\n!6\r\nERR \r\n\r\n*0\r\n%0\r\n";

    private static final List<Frame> FRAMES = List.of(
            new SimpleString("OK"), new ErrorFrame("ERR no"), new IntegerFrame(-7), Bulk.of("a\r\n"), new Null('$'),
            new Null('*'), new Null('_'), array(new IntegerFrame(1), array(Bulk.of(""))),
            new MapFrame(List.of(new Pair(new SimpleString("k"), new SetFrame(List.of(new SimpleString("v")))))),
            new Push(List.of(new SimpleString("a"), new SimpleString("b"))), new DoubleFrame("1.5"), new DoubleFrame("inf"),
            new Bool(true), new Bool(false), new BigNumber(new BigInteger("99999999999999999999")),
            new Verbatim("mkd", "a\r\n"), new ErrorFrame("ERR \r\n"), array(), new MapFrame(List.of()));

    @Test
    void everyTypeIsDecoded() throws IOException {
        FrameDecoder decoder = new FrameDecoder();
        decoder.feed(Decoding.latin(EVERYTHING));
        assertThat(all(decoder)).isEqualTo(FRAMES);
        assertThat(decoder.buffered()).isZero();
    }

    @Test
    void repliesInPiecesAreTheSame() throws IOException {
        byte[] bytes = Decoding.latin(EVERYTHING);
        for (int size = 1; size < bytes.length; size++) {
            FrameDecoder decoder = new FrameDecoder();
            List<Frame> frames = new ArrayList<>();
            for (int at = 0; at < bytes.length; at += size) {
                decoder.feed(bytes, at, Math.min(size, bytes.length - at));
                frames.addAll(all(decoder));
            }
            assertThat(frames).as("in pieces of %d", size).isEqualTo(FRAMES);
        }
    }

    @Test
    void bytesComeFromAnyKindOfBuffer() throws IOException {
        FrameDecoder decoder = new FrameDecoder();
        decoder.feed(ByteBuffer.wrap(Decoding.latin("+a")));
        decoder.feed(Unpooled.wrappedBuffer(Decoding.latin("b\r\n")));
        assertThat(decoder.next().text()).isEqualTo("ab");
    }

    @Test
    void contentIsAskedByKind() throws IOException {
        FrameDecoder decoder = new FrameDecoder();
        decoder.feed(Decoding.latin("-MOVED 1 a:1\r\n%1\r\n$1\r\nk\r\n:7\r\n*1\r\n,nan\r\n"));
        ErrorFrame error = (ErrorFrame) decoder.next();
        assertThat(error.code()).isEqualTo("MOVED");
        assertThat(error.isError()).isTrue();
        MapFrame map = (MapFrame) decoder.next();
        assertThat(map.get("k").text()).isEqualTo("7");
        assertThat(map.get("x")).isNull();
        assertThat(((DoubleFrame) decoder.next().items().getFirst()).value()).isNaN();
        assertThatThrownBy(map::text).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(map::items).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\n", "\r\n", "+a\rb\r\n", "+a\nb\r\n", ":1x\r\n", ":\r\n", "$-2\r\n", "$x\r\n", "*-2\r\n",
        "%-1\r\n", "$1\r\nabc", ",abc\r\n", "(1.5\r\n", "#x\r\n", "=2\r\nab\r\n", "=5\r\ntxtab\r\n", "|1\r\n+a\r\n+b\r\n",
        "$?\r\n", "*?\r\n", "*9223372036854775807\r\n", "%9223372036854775807\r\n", "$2147483647\r\n"})
    void whatIsNotTheProtocolIsRefused(String bytes) {
        FrameDecoder decoder = new FrameDecoder();
        decoder.feed(Decoding.latin(bytes));
        assertThatThrownBy(decoder::next).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aReplyIsBoundedInSize() throws IOException {
        assertThat(limited("$90\r\n" + "x".repeat(90) + "\r\n").next()).isNotNull();
        assertThat(limited("+" + "x".repeat(97) + "\r\n").next()).isNotNull();
        assertThatThrownBy(limited("$94\r\n")::next).hasMessageContaining("longer than 100 bytes");
        assertThatThrownBy(limited("*34\r\n")::next).hasMessageContaining("longer than 100 bytes");
        assertThatThrownBy(limited("+" + "x".repeat(100))::next).hasMessageContaining("longer than 100 bytes");
        assertThatThrownBy(limited("*2\r\n$60\r\n" + "x".repeat(60) + "\r\n$60\r\n")::next)
                .hasMessageContaining("longer than 100 bytes");
        assertThat(all(limited("+aaaaaaaaaaaa\r\n".repeat(20)))).hasSize(20);
    }

    @Test
    void aReplyIsBoundedInDepth() throws IOException {
        assertThat(limited("*1\r\n".repeat(4) + ":1\r\n").next()).isNotNull();
        assertThatThrownBy(limited("*1\r\n".repeat(5) + ":1\r\n")::next).hasMessageContaining("nested deeper than 4");
    }

    @Test
    void whatTheWriterWritesTheDecoderReads() throws IOException {
        FrameDecoder decoder = new FrameDecoder();
        decoder.feed(RequestEncoder.encode("SET", "k", "v\u00ff"));
        assertThat(decoder.next()).isEqualTo(array(Bulk.of("SET"), Bulk.of("k"), Bulk.of("v\u00ff")));
        decoder.feed(RequestEncoder.encode(new byte[] {1}, new byte[0]));
        assertThat(decoder.next()).isEqualTo(array(Bulk.of("\u0001"), Bulk.of("")));
    }

    @Test
    void noiseIsDecodedOrRefusedAndNothingElse() {
        long seed = Long.getLong("granary.seed", System.nanoTime());
        RandomGenerator random = new SplittableRandom(seed);
        String alphabet = "\r\n\r\n\r\n+-:$*%~>,#(=!|_?0123tf:x";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder noise = new StringBuilder();
            random.ints(random.nextInt(40), 0, alphabet.length()).forEach(i -> noise.append(alphabet.charAt(i)));
            try {
                all(limited(noise.toString()));
            } catch (IOException expected) {
                assertThat(expected).as("seed %d", seed).isInstanceOf(ProtocolException.class);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", " + CliText.of(Bulk.of(noise.toString())), e);
            }
        }
    }

    private static FrameDecoder limited(String bytes) {
        FrameDecoder decoder = new FrameDecoder(100, 4);
        decoder.feed(Decoding.latin(bytes));
        return decoder;
    }

    private static List<Frame> all(FrameDecoder decoder) throws IOException {
        List<Frame> frames = new ArrayList<>();
        for (Frame frame = decoder.next(); frame != null; frame = decoder.next()) {
            frames.add(frame);
        }
        return frames;
    }

    private static Array array(Frame... items) {
        return new Array(List.of(items));
    }
}
