package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BytePipeTest {

    private final AtomicInteger roomAgain = new AtomicInteger();
    private final BytePipe pipe = new BytePipe(roomAgain::incrementAndGet);

    private static ByteBuf bytes(int length) {
        ByteBuf bytes = Unpooled.buffer(Math.max(1, length));
        for (int i = 0; i < length; i++) {
            bytes.writeByte(i);
        }
        return bytes;
    }

    @Test
    void whatIsWrittenIsReadInOrder() throws IOException {
        pipe.write(bytes(3));
        pipe.write(bytes(2));
        pipe.end();
        ByteBuffer four = ByteBuffer.allocate(4);
        assertThat(pipe.read(four)).isEqualTo(4);
        assertThat(four.array()).containsExactly(0, 1, 2, 0);
        assertThat(pipe.read(ByteBuffer.allocate(4))).isEqualTo(1);
        assertThat(pipe.read(ByteBuffer.allocate(4))).isEqualTo(-1);
        pipe.requireEnd();
    }

    @Test
    void theWriterIsToldToStopAndToGoOn() throws IOException {
        assertThat(pipe.write(bytes(BytePipe.BYTES_MAX - 1))).isTrue();
        assertThat(pipe.write(bytes(1))).isFalse();
        pipe.read(ByteBuffer.allocate(BytePipe.BYTES_MAX / 2 - 1));
        assertThat(roomAgain).hasValue(0);
        pipe.read(ByteBuffer.allocate(1));
        assertThat(roomAgain).hasValue(1);
        pipe.close();
    }

    @Test
    void aReaderWaitsForBytes() throws Exception {
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            try {
                return pipe.read(ByteBuffer.allocate(8));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        pipe.write(bytes(5));
        assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(5);
    }

    @Test
    void aBrokenPipeTellsTheReasonAndHoldsNothing() {
        ByteBuf written = bytes(5);
        pipe.write(written);
        pipe.fail("cut");
        pipe.fail("another");
        assertThatThrownBy(() -> pipe.read(ByteBuffer.allocate(8))).isInstanceOf(IOException.class).hasMessage("cut");
        assertThat(written.refCnt()).isZero();
        ByteBuf late = bytes(5);
        assertThat(pipe.write(late)).isTrue();
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void bytesBehindTheEndAreFound() {
        pipe.write(bytes(1));
        pipe.end();
        assertThatThrownBy(pipe::requireEnd).hasMessageContaining("behind the end");
    }

    @Test
    void aReaderThatHasGoneLetsTheWriterGoOn() {
        List<ByteBuf> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(bytes(BytePipe.BYTES_MAX));
            pipe.write(all.getLast());
        }
        pipe.close();
        assertThat(roomAgain).hasValue(1);
        assertThat(all).allSatisfy(each -> assertThat(each.refCnt()).isZero());
    }
}
