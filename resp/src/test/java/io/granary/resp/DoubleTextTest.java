package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected texts were printed by {@code d2string} of Redis 7.4.1. */
class DoubleTextTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "-0.0, -0", "1, 1", "-1, -1", "1e5, 100000", "1e17, 100000000000000000",
        "4611686018427387904, 4611686018427387904", "-4611686018427387904, -4611686018427387904",
        "9007199254740993, 9007199254740992"})
    void integersAreWrittenInFull(double value, String text) {
        assertThat(DoubleText.of(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"4.7e18, 4.7e+18", "9223372036854775807, 9223372036854776000", "1e19, 1e+19", "1e20, 1e+20",
        "1.5e22, 1.5e+22", "1.2345678901234568e20, 123456789012345680000", "1e23, 99999999999999990000000",
        "1e100, 1e+100", "-1e300, -1e+300", "1.7976931348623157e308, 1.7976931348623157e+308"})
    void greatNumbersHaveAnExponentUnlessTheyHaveManyDigits(double value, String text) {
        assertThat(DoubleText.of(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.1", "-0.25, -0.25", "3.14, 3.14", "0.00001, 0.00001", "0.000001, 0.000001", "0.0000015, 1.5e-6",
        "1e-7, 1e-7", "0.0000123, 1.23e-5", "0.0001234, 1.234e-4", "0.1234567890123, 0.1234567890123",
        "12345678.9, 12345678.9", "0.30000000000000004, 0.30000000000000004", "5e-324, 5e-324", "-1.5e-300, -1.5e-300",
        "2.2250738585072014e-308, 2.2250738585072014e-308", "2.225073858507201e-308, 2.225073858507201e-308"})
    void fractionsHaveAnExponentIfTheyBeginLate(double value, String text) {
        assertThat(DoubleText.of(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"493.7306827337068, 493.73068273370677", "384.9675654828267, 384.96756548282673",
        "56.22844778656955, 56.228447786569546", "475.973320146671, 475.97332014667103",
        "1234567890123456.7, 1234567890123456.7"})
    void digitsAreGrisusWhereAFewerWouldDo(double value, String text) {
        assertThat(DoubleText.of(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"NaN, nan", "Infinity, inf", "-Infinity, -inf"})
    void whatIsNoNumberHasAName(double value, String text) {
        assertThat(DoubleText.of(value)).isEqualTo(text);
    }

    @Test
    void everyTextReadsBackAsTheSameDouble() {
        long seed = Long.getLong("granary.seed", System.nanoTime());
        RandomGenerator random = new SplittableRandom(seed);
        for (int i = 0; i < 100_000; i++) {
            double value = i % 2 == 0 ? Double.longBitsToDouble(random.nextLong()) : random.nextInt(1_000_000) / 1000.0;
            if (Double.isFinite(value)) {
                assertThat(Double.parseDouble(DoubleText.of(value))).as("seed %d", seed).isEqualTo(value);
            }
        }
    }
}
