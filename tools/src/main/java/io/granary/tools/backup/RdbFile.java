package io.granary.tools.backup;

import io.granary.persistence.rdb.Crc64;
import io.granary.persistence.rdb.RdbDialect;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Whether a file is a whole RDB: its first bytes, its last, and the checksum of all between. */
final class RdbFile {

    private static final int CHECKSUM_BYTES = 8;
    private static final byte END = (byte) 0xFF;
    private static final int PIECE_BYTES = 1 << 20;

    private RdbFile() {}

    /** @throws IOException that names the file and what is wrong with it */
    static void check(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); Arena arena = Arena.ofConfined()) {
            long bytes = channel.size();
            if (bytes < RdbDialect.HEADER_BYTES + 1 + CHECKSUM_BYTES
                    || !isHeader(read(channel, 0, RdbDialect.HEADER_BYTES))) {
                throw new IOException(file + " is no RDB");
            }
            ByteBuffer tail = read(channel, bytes - CHECKSUM_BYTES - 1, CHECKSUM_BYTES + 1);
            if (tail.get() != END) {
                throw new IOException(file + " ends in the middle");
            }
            long written = tail.order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (written != 0 && written != checksum(channel, bytes - CHECKSUM_BYTES, arena)) {
                throw new IOException(file + " is damaged: its checksum is wrong");
            }
        }
    }

    private static boolean isHeader(ByteBuffer header) {
        String text = StandardCharsets.ISO_8859_1.decode(header).toString();
        return text.startsWith("REDIS") || text.startsWith("VALKEY");
    }

    private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            continue;
        }
        return bytes.flip();
    }

    private static long checksum(FileChannel channel, long bytes, Arena arena) throws IOException {
        MemorySegment piece = arena.allocate(PIECE_BYTES, ValueLayout.JAVA_LONG.byteAlignment());
        long sum = 0;
        long at = 0;
        while (at < bytes) {
            ByteBuffer window = piece.asSlice(0, Math.min(PIECE_BYTES, bytes - at)).asByteBuffer();
            int count = channel.read(window, at);
            if (count <= 0) {
                throw new IOException("the file became shorter while it was read");
            }
            sum = Crc64.update(sum, piece, 0, count);
            at += count;
        }
        return sum;
    }
}
