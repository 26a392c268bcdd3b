package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** How bytes are split on their way, and what they are, must not matter: the same requests, no exception, no memory. */
class RequestDecoderFuzzTest {

    private static final long SEED = Long.getLong("granary.seed", new Random().nextLong());
    private static final RequestLimits LIMITS = new RequestLimits(1000, 1024, 64, 1 << 20, true);
    private static final String ALPHABET = "***$$$\r\n\r\n\r\n\r\n0123456789- \"'\\xA\0\u00ff";

    private final RandomGenerator random = new SplittableRandom(SEED);

    @Test
    void aPipelineCutAtAnyByteIsTheSamePipeline() {
        for (int round = 0; round < 40; round++) {
            byte[] bytes = pipeline(4);
            List<String> whole = Decoding.of(bytes, RequestLimits.DEFAULT);
            for (int cut = 0; cut <= bytes.length; cut++) {
                int[] cuts = {cut};
                assertThat(Decoding.of(bytes, RequestLimits.DEFAULT, cuts)).as(() -> where(bytes, cuts)).isEqualTo(whole);
            }
        }
    }

    @Test
    void aPipelineInManyPiecesIsTheSamePipeline() {
        for (int round = 0; round < 200; round++) {
            byte[] bytes = pipeline(8);
            int[] cuts = cuts(bytes.length);
            assertThat(Decoding.of(bytes, RequestLimits.DEFAULT, cuts)).as(() -> where(bytes, cuts))
                    .isEqualTo(Decoding.of(bytes, RequestLimits.DEFAULT));
        }
    }

    @Test
    void aPipelineByteByByteIsTheSamePipeline() {
        for (int round = 0; round < 20; round++) {
            byte[] bytes = pipeline(3);
            int[] cuts = new int[bytes.length];
            Arrays.setAll(cuts, i -> i);
            assertThat(Decoding.of(bytes, RequestLimits.DEFAULT, cuts)).as(() -> where(bytes))
                    .isEqualTo(Decoding.of(bytes, RequestLimits.DEFAULT));
        }
    }

    @Test
    void noiseIsTheSameNoiseHoweverItIsCut() {
        for (int round = 0; round < 5000; round++) {
            byte[] bytes = random.nextInt(3) == 0 ? damaged(pipeline(3)) : noise();
            int[] cuts = cuts(bytes.length);
            assertThat(Decoding.of(bytes, LIMITS, cuts)).as(() -> where(bytes, cuts)).isEqualTo(Decoding.of(bytes, LIMITS));
        }
    }

    private byte[] pipeline(int requests) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < requests; i++) {
            switch (random.nextInt(8)) {
                case 0 -> out.writeBytes(Decoding.latin("SET 'a \\' b' \"\\x41\\n\" " + random.nextInt() + "\r\n"));
                case 1 -> out.writeBytes(Decoding.latin(random.nextBoolean() ? "\r\n" : "*0\r\n"));
                default -> out.writeBytes(RequestEncoder.encode(arguments()));
            }
        }
        return out.toByteArray();
    }

    private byte[][] arguments() {
        byte[][] arguments = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 30 : 5)][];
        for (int i = 0; i < arguments.length; i++) {
            int bound = random.nextInt(40) == 0 ? 1100 : 1 << random.nextInt(8);
            arguments[i] = new byte[random.nextInt(bound)];
            random.nextBytes(arguments[i]);
        }
        return arguments;
    }

    private byte[] damaged(byte[] bytes) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        }
        return bytes;
    }

    private byte[] noise() {
        byte[] bytes = new byte[random.nextInt(200)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        }
        if (bytes.length > 0 && random.nextBoolean()) {
            bytes[0] = '*';
        }
        return bytes;
    }

    private int[] cuts(int length) {
        return random.ints(random.nextInt(12), 0, length + 1).sorted().toArray();
    }

    private static String where(byte[] bytes, int... cuts) {
        return "seed " + SEED + ", " + CliText.of(new Frame.Bulk(bytes)) + " cut at " + Arrays.toString(cuts);
    }
}
