package io.granary.persistence.rdb;

import java.io.ByteArrayInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Bytes as tests write them, and the native memory that they must lie in. */
final class Bytes {

    private Bytes() {}

    static MemorySegment of(byte[] bytes) {
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    static MemorySegment of(String text) {
        return of(latin(text));
    }

    static MemorySegment room(long bytes) {
        return Arena.ofAuto().allocate(Math.max(1, bytes));
    }

    /** One byte a character. */
    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] copy(MemorySegment segment, long length) {
        return segment.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** A channel that gives few bytes at a time. */
    static ReadableByteChannel trickle(byte[] bytes, int atOnce) {
        return Channels.newChannel(new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(atOnce, length));
            }
        });
    }

    /** Texts of every kind that is written in a way of its own. */
    static byte[] random(RandomGenerator random) {
        return switch (random.nextInt(6)) {
            case 0 -> latin(Long.toString(random.nextLong() >> random.nextInt(64)));
            case 1 -> noise(random, random.nextInt(100));
            case 2 -> repeating(random, random.nextInt(70_000), 2);
            case 3 -> repeating(random, random.nextInt(500), 4);
            case 4 -> latin("ab".repeat(random.nextInt(40)));
            default -> noise(random, random.nextInt(70_000));
        };
    }

    static byte[] noise(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static byte[] repeating(RandomGenerator random, int length, int letters) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(letters));
        }
        return bytes;
    }
}
