package io.granary.slots;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotTest {

    @Test
    void theChecksumIsThatOfTheSpecification() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(Crc16.of(digits, 0, digits.length)).isEqualTo(0x31C3);
        assertThat(Crc16.of(digits, 0, 0)).isZero();
    }

    @Test
    void eightBytesAtATimeMakeTheSameChecksum() {
        Random random = new Random(6);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(100);
            for (int length = 0; length < 100; length++) {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, length);
                assertThat(Crc16.of(copy, 0, length)).isEqualTo(Crc16.of(bytes, 0, length));
                if (length > 3) {
                    bytes[random.nextInt(length / 2)] = '{';
                    bytes[length / 2 + random.nextInt(length / 2)] = '}';
                    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, length);
                    assertThat(Slot.of(copy, 0, length)).isEqualTo(Slot.of(bytes));
                }
            }
        }
    }

    /** The slots are what CLUSTER KEYSLOT of redis-server answers. */
    @ParameterizedTest
    @CsvSource({
        "foo, 12182", "bar, 5061", "hello, 866", "somekey, 11058", "foo{hash_tag}, 2515", "bar{hash_tag}, 2515",
        "{user1000}.following, 3443", "{user1000}.followers, 3443", "foo{}{bar}, 8363", "foo{{bar}}zap, 4015",
        "foo{bar}{zap}, 5061", "a{b, 13340", "'', 0", "{}, 15257", "}{, 12793", "'a}b{c}d', 7365"
    })
    void aKeysSlotIsThatOfItsHashTag(String key, int slot) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        assertThat(Slot.of(bytes)).isEqualTo(slot);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(bytes.length + 3L);
            MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 3, bytes.length);
            assertThat(Slot.of(copy, 3, bytes.length)).isEqualTo(slot);
        }
    }
}
