package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.granary.resp.RequestEncoder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An event loop that reads, runs and answers GET and SET makes no objects, from the socket to the socket. */
@Timeout(120)
class LoopAllocationTest {

    private static final int REQUESTS = 20_000;

    /** An object has at least 16 bytes: less than this a request is none. */
    private static final double NO_OBJECT = 2;

    /** The loop makes a few objects now and then whether somebody asks or not; before the optimizing compiler, this many. */
    private static final int CHORES_BYTES_PER_SECOND = 20_000;

    /** Rounds until the compiler has come to it, on a busy machine. */
    private static final int ROUNDS_MAX = 60;

    private static final String VALUE = "v".repeat(64);

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({"GET, 1", "GET, 50", "SET, 1", "SET, 50"})
    void readsAndOverwritesMakeNoObjects(String command, int pipeline) throws IOException {
        String[] request = command.equals("GET") ? new String[] {"GET", "key"} : new String[] {"SET", "key", VALUE};
        byte[] reply = (command.equals("GET") ? "$64\r\n" + VALUE + "\r\n" : "+OK\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] requests = repeated(RequestEncoder.encode(request), pipeline);
        Set<Thread> others = eventLoops();
        try (TestNode node = TestNode.start("--io-threads", "1");
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
            socket.setTcpNoDelay(true);
            exchange(socket, RequestEncoder.encode("SET", "key", VALUE), new byte["+OK\r\n".length()], 1);
            Set<Thread> loops = eventLoops();
            loops.removeAll(others);
            assertThat(loops).hasSize(1);
            long loop = loops.iterator().next().threadId();
            double least = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS_MAX && least >= NO_OBJECT; round++) {
                long before = threads.getThreadAllocatedBytes(loop);
                long start = System.nanoTime();
                exchange(socket, requests, new byte[reply.length * pipeline], REQUESTS / pipeline);
                double chores = CHORES_BYTES_PER_SECOND * ((System.nanoTime() - start) / 1e9);
                least = Math.min(least, (threads.getThreadAllocatedBytes(loop) - before - chores) / REQUESTS);
            }
            assertThat(least).as("bytes allocated per %s, %d at once", command, pipeline).isLessThan(NO_OBJECT);
        }
    }

    private static Set<Thread> eventLoops() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("clients-"))
                .collect(Collectors.toSet());
    }

    private static byte[] repeated(byte[] bytes, int times) {
        byte[] all = new byte[bytes.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(bytes, 0, all, i * bytes.length, bytes.length);
        }
        return all;
    }

    private static void exchange(Socket socket, byte[] requests, byte[] replies, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            socket.getOutputStream().write(requests);
            assertThat(socket.getInputStream().readNBytes(replies, 0, replies.length)).isEqualTo(replies.length);
        }
    }
}
