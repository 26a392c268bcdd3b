package io.granary.slots.keyspace;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The keyed 64-bit hash that places keys in tables.
 *
 * <p>Of the family of wyhash and rapidhash: 16 bytes at a time are combined with secrets and folded by a 64 x 64 to 128
 * bit multiplication whose halves are combined by exclusive or. Up to 16 bytes are taken in by two overlapping loads,
 * so that a short key costs two multiplications and no loop. The length goes into the last multiplication, since the
 * overlapping loads alone do not tell {@code a} from {@code aaa}. The two secrets are chosen afresh for each process and
 * neither they nor any hash ever leave it, so that nobody can send keys that all fall into one place of the table (hash
 * flooding).
 */
public final class KeyHash {

    private static final ValueLayout.OfLong LONG = Layouts.LONG;
    private static final ValueLayout.OfInt INT = Layouts.INT;
    private static final ValueLayout.OfByte BYTE = Layouts.BYTE;

    private static final long ODD_BITS_0 = 0x2d358dccaa6c78a5L;
    private static final long ODD_BITS_1 = 0x8bb84b93962eacc9L;

    private final long secret0;
    private final long secret1;

    /** @param secret0 any number that outsiders cannot guess; {@code secret1} another */
    public KeyHash(long secret0, long secret1) {
        this.secret0 = secret0 ^ ODD_BITS_0;
        this.secret1 = secret1 ^ ODD_BITS_1;
    }

    /** Never 0. */
    public long of(MemorySegment bytes, long offset, int length) {
        long a;
        long b;
        long seed = secret0;
        if (length > 16) {
            seed = block(bytes, offset, length, seed);
            a = bytes.get(LONG, offset + length - 16);
            b = bytes.get(LONG, offset + length - 8);
        } else if (length >= 8) {
            a = bytes.get(LONG, offset);
            b = bytes.get(LONG, offset + length - 8);
        } else if (length >= 4) {
            a = bytes.get(INT, offset);
            b = bytes.get(INT, offset + length - 4);
        } else if (length > 0) {
            a = (bytes.get(BYTE, offset) & 0xFF) << 16
                    | (bytes.get(BYTE, offset + (length >> 1)) & 0xFF) << 8
                    | bytes.get(BYTE, offset + length - 1) & 0xFF;
            b = 0;
        } else {
            a = 0;
            b = 0;
        }
        a ^= secret1;
        b ^= seed;
        long hash = fold(a * b ^ secret0 ^ length, Math.unsignedMultiplyHigh(a, b) ^ secret1);
        return hash == 0 ? 1 : hash;
    }

    private long block(MemorySegment bytes, long offset, int length, long start) {
        long seed = start;
        long at = offset;
        for (long last = offset + length - 16; at < last; at += 16) {
            seed = fold(bytes.get(LONG, at) ^ secret1, bytes.get(LONG, at + 8) ^ seed);
        }
        return seed;
    }

    private static long fold(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
