package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much a socket may give before the others of the loop get their turn, and whose memory a read is in. */
class LoopBuffersTest {

    private final LoopBuffers buffers = new LoopBuffers(PooledByteBufAllocator.DEFAULT);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ChannelConfig config = channel.config();
    private final RecvByteBufAllocator.ExtendedHandle handle = buffers.newHandle();

    @AfterEach
    void free() {
        channel.finishAndReleaseAll();
        buffers.close();
    }

    private boolean goesOnAfter(int bytes) {
        handle.allocate(PooledByteBufAllocator.DEFAULT).release();
        handle.attemptedBytesRead(LoopBuffers.READ_BYTES);
        handle.lastBytesRead(bytes);
        handle.incMessagesRead(1);
        return handle.continueReading();
    }

    @Test
    void aReadThatFilledTheBufferIsFollowedByAnother() {
        handle.reset(config);
        assertThat(goesOnAfter(LoopBuffers.READ_BYTES)).isTrue();
        assertThat(goesOnAfter(LoopBuffers.READ_BYTES - 1)).isFalse();
    }

    @Test
    void aClientThatSendsWithoutEndLeavesTheOthersTheirTurn() {
        handle.reset(config);
        int reads = 1;
        while (goesOnAfter(LoopBuffers.READ_BYTES) && reads < 1_000) {
            reads++;
        }
        assertThat(reads).isEqualTo(16);
        handle.reset(config);
        assertThat(goesOnAfter(LoopBuffers.READ_BYTES)).isTrue();
    }

    @Test
    void whoseRequestsHaveToWaitIsNotReadFurther() {
        handle.reset(config);
        config.setAutoRead(false);
        assertThat(goesOnAfter(LoopBuffers.READ_BYTES)).isFalse();
    }

    @Test
    void aReadInMemoryOfItsOwnIsCopied() {
        ByteBuf own = Unpooled.wrappedBuffer(new byte[] {1, 2, 3});
        assertThat(buffers.segmentOf(own).get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 3);
        ByteBuf shared = handle.allocate(PooledByteBufAllocator.DEFAULT);
        shared.writeBytes(new byte[] {4, 5});
        assertThat(buffers.segmentOf(shared).get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 5);
        shared.release();
    }
}
