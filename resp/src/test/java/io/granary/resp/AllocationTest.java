package io.granary.resp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.granary.resp.RequestDecoder.Result;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The hot paths make no objects; the bound leaves room for what the JVM itself makes of its own accord. */
class AllocationTest {

    private static final int ROUNDS = 20_000;
    private static final int ATTEMPTS_MAX = 500;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void decodingRequestsAllocatesNothing() {
        String pipeline = "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000001\r\n"
                + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\n" + "v".repeat(100) + "\r\n";
        MemorySegment in = Decoding.nativeCopy(pipeline);
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        assertAllocatesNothing(() -> {
            int at = 0;
            while (at < pipeline.length() && decoder.decode(in, at, pipeline.length(), request) == Result.COMPLETE) {
                at = decoder.consumed();
            }
        });
    }

    @Test
    void aPromiseOfManyArgumentsAllocatesNothing() {
        MemorySegment in = Decoding.nativeCopy("*2147483647\r\n$500000000\r\nabc");
        RequestDecoder decoder = new RequestDecoder(RequestLimits.DEFAULT);
        Request request = new Request();
        assertAllocatesNothing(() -> decoder.decode(in, 0, (int) in.byteSize(), request));
    }

    @Test
    void writingRepliesAllocatesNothing() {
        MemorySegment value = Decoding.nativeCopy("v".repeat(2000));
        try (ReplyBuffer buffer = new ReplyBuffer(new UnpooledByteBufAllocator(true, true))) {
            ReplyWriter reply = new ReplyWriter(buffer);
            assertAllocatesNothing(() -> {
                reply.ok();
                reply.integer(123456789);
                reply.bulk(value, 0, 64);
                reply.bulk(value, 0, 2000);
                reply.nullBulk();
                reply.dbl(0.1);
                reply.bulkInteger(-5);
                reply.status("QUEUED");
                buffer.drain(ByteBuf::release);
            });
        }
    }

    /**
     * The least of a few measurements counts: compilation may take away an object only after a while,
     * which is long on a busy machine.
     */
    private void assertAllocatesNothing(Runnable what) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS_MAX && least >= ROUNDS; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                what.run();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThan(ROUNDS);
    }
}
