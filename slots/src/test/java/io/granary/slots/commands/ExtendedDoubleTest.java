package io.granary.slots.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.resp.Frame;
import io.granary.slots.transcript.RedisServer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtendedDoubleTest {

    private static final int SEED = 20_24;
    private static final int SUMS = 3000;

    @Test
    void aSumKeepsWhatAMantissaOf64BitsHolds() {
        assertThat(sum("18446744073709551614", "1")).isEqualTo("18446744073709551615");
        assertThat(sum("18446744073709551615", "1")).isEqualTo("18446744073709551616");
        assertThat(sum("18446744073709551616", "1")).isEqualTo("18446744073709551616");
    }

    @Test
    void tiesGoToTheEvenNeighbour() {
        assertThat(sum("36893488147419103232", "2")).isEqualTo("36893488147419103232");
        assertThat(sum("36893488147419103236", "2")).isEqualTo("36893488147419103240");
    }

    @Test
    void seventeenDigitsBehindThePointArePrinted() {
        assertThat(sum("0.1", "0.2")).isEqualTo("0.3");
        assertThat(sum("1", "1e-17")).isEqualTo("1.00000000000000001");
        assertThat(sum("0", "4e-18")).isEqualTo("0");
        assertThat(sum("0", "-4e-18")).isEqualTo("0");
    }

    @Test
    void theLargestNumberIsStillFinite() {
        String largest = "0x1.fffffffffffffffep16383";
        assertThat(sum(largest, "0")).startsWith("118973149535723176502126385303097020516906332229").hasSize(4933);
        assertThat(sum(largest, largest)).isEqualTo("infinite");
        assertThat(ExtendedDouble.parse("0x1p16384")).isInstanceOf(ExtendedDouble.Invalid.class);
    }

    @Test
    void whatIsTooSmallIsInvalid() {
        assertThat(ExtendedDouble.parse("0x1p-16445")).isInstanceOf(ExtendedDouble.Finite.class);
        assertThat(ExtendedDouble.parse("0x1p-16446")).isInstanceOf(ExtendedDouble.Invalid.class);
        assertThat(ExtendedDouble.parse("1e-99999999999999")).isInstanceOf(ExtendedDouble.Invalid.class);
        assertThat(ExtendedDouble.parse("0e-99999999999999")).isInstanceOf(ExtendedDouble.Finite.class);
    }

    @Test
    void sumsAreThoseOfRedisServer() {
        assumeTrue(RedisServer.isInstalled(), RedisServer.WHY_SKIPPED);
        Random random = new Random(SEED);
        try (RedisServer redis = RedisServer.start()) {
            for (int i = 0; i < SUMS; i++) {
                String value = number(random);
                String increment = number(random);
                redis.ask("SET", "f", value);
                Frame reply = redis.ask("INCRBYFLOAT", "f", increment);
                assertThat(sum(value, increment))
                        .as("seed %d, sum %d: %s + %s", SEED, i, value, increment)
                        .isEqualTo(reply.text().startsWith("ERR value is not") ? "invalid"
                                : reply.isError() ? "infinite" : reply.text());
            }
        }
    }

    private static String sum(String one, String other) {
        return switch (ExtendedDouble.parse(one)) {
            case ExtendedDouble.Invalid _ -> "invalid";
            case ExtendedDouble.Infinite _ ->
                ExtendedDouble.parse(other) instanceof ExtendedDouble.Invalid ? "invalid" : "infinite";
            case ExtendedDouble.Finite(ExtendedDouble a) -> switch (ExtendedDouble.parse(other)) {
                case ExtendedDouble.Invalid _ -> "invalid";
                case ExtendedDouble.Infinite _ -> "infinite";
                case ExtendedDouble.Finite(ExtendedDouble b) -> a.plus(b) == null ? "infinite" : a.plus(b).toString();
            };
        };
    }

    private static String number(Random random) {
        String sign = random.nextInt(3) == 0 ? "-" : "";
        return sign + switch (random.nextInt(9)) {
            case 0 -> Integer.toString(random.nextInt(100_000));
            case 1 -> random.nextInt(1000) + "." + random.nextInt(1_000_000);
            case 2 -> Double.toString(random.nextDouble());
            case 3 -> random.nextInt(10) + "." + digits(random, 1 + random.nextInt(60)) + "e" + (random.nextInt(80) - 40);
            case 4 -> digits(random, 1 + random.nextInt(40));
            case 5 -> "0x" + Long.toHexString(random.nextLong()) + "p" + (random.nextInt(160) - 80);
            case 6 -> "0x1." + Long.toHexString(random.nextLong()) + "p" + (random.nextInt(33_000) - 16_500);
            case 7 -> digits(random, 25) + "e" + (random.nextInt(10_000) - 5000);
            default -> Long.toString(random.nextLong() >>> random.nextInt(64));
        };
    }

    private static String digits(Random random, int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }
}
