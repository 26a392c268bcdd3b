package io.granary.slots.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Request;
import io.granary.resp.RequestDecoder;
import io.granary.resp.RequestLimits;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EffectsTest {

    private final Effects effects = new Effects();

    @Test
    void oneRequestStandsAloneBehindItsDatabase() {
        effects.request(0, 3).arg("SET").arg("a").arg(-12345678901L);

        assertThat(written(Effects.NO_DATABASE)).isEqualTo("SELECT 0 | SET a -12345678901 | ");
        assertThat(written(0)).isEqualTo("SET a -12345678901 | ");
        assertThat(written(3)).isEqualTo("SELECT 0 | SET a -12345678901 | ");
    }

    @Test
    void severalRequestsAreWrapped() {
        effects.request(2, 2).arg("DEL").arg("a");
        effects.request(15, 2).arg("DEL").arg("b");
        effects.request(15, 2).arg("DEL").arg("c");

        assertThat(written(2)).isEqualTo("MULTI | DEL a | SELECT 15 | DEL b | DEL c | EXEC | ");
        assertThat(effects.write(2, (_, _, _) -> { })).isEqualTo(15);
    }

    @Test
    void theNameOfARemovedKeyNeedNotStay() {
        String name = "k".repeat(100_000);
        Request request = Requests.of(name);
        effects.deletion(0, false, request.bytes(), 0, name.length());
        request.bytes().fill((byte) 0);

        assertThat(written(0)).isEqualTo("DEL " + name + " | ");
    }

    @Test
    void aRequestWithoutDataNeedsNoDatabase() {
        effects.request(Effects.NO_DATABASE, 3).arg("PUBLISH").arg("c").arg("m");

        assertThat(written(Effects.NO_DATABASE)).isEqualTo("PUBLISH c m | ");
    }

    @Test
    void requestsAreRepeatedInTheirShortestForm() {
        assertThat(repeated("*3\r\n$3\r\nset\r\n$1\r\na\r\n$0\r\n\r\n")).isEqualTo("set a  | ");
        assertThat(repeated("*3\r\n$3\r\nsetxx$1\r\nayy$1\r\nbzz")).isEqualTo("set a b | ");
        assertThat(repeated("set      a      \"b\"\r\n")).isEqualTo("set a b | ");
        assertThat(repeated("*3\r\n$3\r\nset\r\n$12\r\n0123456789ab\r\n$4\r\nabcd\r\n")).isEqualTo("set 0123456789ab abcd | ");
        assertThat(repeated("*1\r\n$8\r\nflushall\r\n")).isEqualTo("flushall | ");
        assertThat(repeated("flushall\r\n")).isEqualTo("flushall | ");
    }

    @Test
    void anyRequestIsRepeated() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            String[] words = new String[1 + random.nextInt(12)];
            for (int i = 0; i < words.length; i++) {
                words[i] = "x".repeat(random.nextInt(random.nextInt(4) == 0 ? 300 : 12));
            }
            StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
            for (String word : words) {
                request.append('$').append(word.length()).append(random.nextInt(9) == 0 ? "\r*" : "\r\n").append(word)
                        .append(random.nextInt(9) == 0 ? "$9" : "\r\n");
            }
            assertThat(repeated(request.toString())).as("seed " + seed).isEqualTo(String.join(" ", words) + " | ");
        }
    }

    @Test
    void longArgumentsAreFoundWhereTheyStayed() {
        String value = "x".repeat(100_000);
        Request request = Requests.of("SET", "key", value, "KEEPTTL");
        effects.verbatim(0, request);
        effects.request(0, 2).arg("DEL").arg("b");
        effects.request(0, 2).arg("GET").arg(request, 2);
        request.bytes().set(ValueLayout.JAVA_BYTE, request.offset(2), (byte) 'y');

        String changed = "y" + value.substring(1);
        assertThat(written(0)).isEqualTo("MULTI | SET key " + changed + " KEEPTTL | DEL b | GET " + changed + " | EXEC | ");
    }

    @Test
    void nothingIsLeftOfAClearedUnit() {
        for (int i = 0; i < 100_000; i++) {
            effects.request(i % 2, 2).arg("DEL").arg(i);
        }
        assertThat(written(1)).startsWith("MULTI | SELECT 0 | DEL 0 | SELECT 1 | DEL 1").endsWith("| DEL 99999 | EXEC | ");

        effects.clear();
        assertThat(effects.isEmpty()).isTrue();
        assertThat(written(0)).isEmpty();

        effects.request(0, 2).arg("DEL").arg("a");
        effects.request(0, 2).arg("DEL").arg("b");
        assertThat(written(0)).isEqualTo("MULTI | DEL a | DEL b | EXEC | ");
    }

    private String repeated(String bytes) {
        effects.clear();
        Request request = new Request();
        decode(segment(bytes.getBytes(StandardCharsets.US_ASCII)), 0, request);
        effects.verbatim(0, request);
        return written(0);
    }

    /** The unit as words, after checking that it is as long as it said. */
    private String written(int selected) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        effects.write(selected, (source, offset, length) ->
                out.writeBytes(source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)));
        assertThat(effects.streamBytes(selected)).isEqualTo(out.size());
        return words(segment(out.toByteArray()));
    }

    private static String words(MemorySegment stream) {
        StringBuilder words = new StringBuilder();
        for (int at = 0; at < stream.byteSize(); ) {
            Request request = new Request();
            at = decode(stream, at, request);
            for (int i = 0; i < request.count(); i++) {
                words.append(request.toText(i)).append(' ');
            }
            words.append("| ");
        }
        return words.toString();
    }

    /** Returns where the request ends. */
    private static int decode(MemorySegment bytes, int from, Request request) {
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        assertThat(decoder.decode(bytes, from, (int) bytes.byteSize(), request)).isEqualTo(RequestDecoder.Result.COMPLETE);
        return decoder.consumed();
    }

    private static MemorySegment segment(byte[] bytes) {
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
