package io.granary.persistence.rdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class Crc64Test {

    @Test
    void theCheckValueIsThatOfRedis() {
        assertThat(Crc64.update(0, Bytes.of("123456789"), 0, 9)).isEqualTo(0xe9c6d914c4b8d9caL);
    }

    @Test
    void aChecksumCanBeTakenInPartsOfAnyLength() {
        byte[] bytes = Bytes.noise(new SplittableRandom(1), 100);
        long whole = Crc64.update(0, Bytes.of(bytes), 0, bytes.length);
        for (int cut = 0; cut <= bytes.length; cut++) {
            long crc = Crc64.update(0, Bytes.of(bytes), 0, cut);
            assertThat(Crc64.update(crc, Bytes.of(bytes), cut, bytes.length - cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }
}
