package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.granary.slots.transcript.Connection;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes that mean nothing, or almost something, on the port of the bus: the node serves on, and nothing is left of them. */
class RandomBytesOnTheBusTest {

    private static final long FIRST_SEED = Long.getLong("granary.seed", System.nanoTime() & 0xFFFFFF);

    private static final int BUS_DISTANCE = 10_000;

    /** Connections that stay open for a while: more than the node lets strangers have. */
    private static final int HELD = 300;

    private static final long HEAP_GROWTH_BYTES_MAX = 6L << 20;
    private static final long DIRECT_GROWTH_BYTES_MAX = 8L << 20;
    private static final long DESCRIPTOR_GROWTH_MAX = 30;
    private static final int LOG_BYTES_PER_MINUTE_MAX = 8_000;

    private final Deque<Socket> held = new ArrayDeque<>();
    private long seed = FIRST_SEED;

    /** What this process holds when nobody is at the bus, in bytes, and how many files and sockets it has open. */
    private record Footprint(long heap, long direct, long descriptors) {}

    @Test
    void aNodeSurvivesTwoSecondsOfThem() throws IOException {
        survive(2);
    }

    @Test
    @Tag("soak")
    void aNodeSurvivesMinutesOfThem() throws IOException {
        survive(180);
    }

    private void survive(int seconds) throws IOException {
        try (TestNode node = TestNode.start(
                        "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--loglevel", "notice");
                Connection operator = node.connect()) {
            operator.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            attackFor(node, seconds / 2.0);
            Footprint before = footprint(operator);
            attackFor(node, seconds / 2.0);
            Footprint after = footprint(operator);
            String from = "from seed " + FIRST_SEED;
            assertThat(after.heap() - before.heap()).as("heap, " + from).isLessThan(HEAP_GROWTH_BYTES_MAX);
            assertThat(after.direct() - before.direct()).as("direct memory, " + from).isLessThan(DIRECT_GROWTH_BYTES_MAX);
            assertThat(after.descriptors() - before.descriptors()).as(from).isLessThan(DESCRIPTOR_GROWTH_MAX);
            assertThat(operator.ask("CLUSTER", "INFO").text()).as(from)
                    .contains("cluster_state:ok", "cluster_slots_ok:16384", "cluster_known_nodes:1\r\n");
            assertThat(node.log()).as(from).doesNotContain("internal error", "has to stop")
                    .hasSizeLessThan(LOG_BYTES_PER_MINUTE_MAX * (1 + seconds / 60));
        } catch (UncheckedIOException e) {
            throw new AssertionError("the node did not survive seeds from " + FIRST_SEED, e);
        }
    }

    private void attackFor(TestNode node, double seconds) throws IOException {
        long end = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        while (System.nanoTime() < end) {
            attack(node, new Random(seed++));
        }
        while (!held.isEmpty()) {
            held.remove().close();
        }
    }

    /** Waits until the node has noticed that everybody left, and has given up on whom it was told to meet. */
    private static Footprint footprint(Connection operator) {
        await().until(() -> InfoText.of(operator, "clients").number("cluster_connections") == 0
                && operator.ask("CLUSTER", "INFO").text().contains("cluster_known_nodes:1\r\n"));
        System.gc();
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory(),
                ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount());
    }

    /** Connects, sends, and leaves now or later; whether the node closes the connection is its affair. */
    private void attack(TestNode node, Random random) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port() + BUS_DISTANCE);
        try {
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                socket.getOutputStream().write(bytes(random));
            }
        } catch (IOException _) {
            // hung up on: quite right
        }
        if (random.nextInt(20) == 0) {
            held.add(socket);
        } else {
            socket.setSoLinger(random.nextBoolean(), 0);
            socket.close();
        }
        if (held.size() > HELD) {
            held.remove().close();
        }
    }

    private static byte[] bytes(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> noise(random, random.nextInt(5_000));
            case 1 -> promise(random);
            default -> spoiled(frame(random), random);
        };
    }

    private static byte[] noise(Random random, int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    /** The beginning of a frame of any length, and less than that of it. */
    private static byte[] promise(Random random) {
        int[] lengths = {0, 16, 2256, 2296, 60_000, Integer.MAX_VALUE, -1, random.nextInt()};
        return ByteBuffer.allocate(16 + random.nextInt(3_000)).put(ascii("RCmb"))
                .putInt(lengths[random.nextInt(lengths.length)]).putShort((short) 1).putShort((short) 0)
                .putShort((short) random.nextInt(12)).putShort((short) random.nextInt(3)).array();
    }

    /** A frame as nodes send it (Redis: {@code clusterMsg} in cluster_legacy.h), of a node that nobody knows. */
    private static byte[] frame(Random random) {
        int type = random.nextInt(12);
        int gossip = type <= 2 ? random.nextInt(4) : 0;
        byte[] body = type <= 2 ? new byte[0] : noise(random, type == 3 ? 40 : random.nextInt(3_000));
        ByteBuffer frame = ByteBuffer.allocate(2256 + 104 * gossip + body.length);
        frame.put(ascii("RCmb")).putInt(frame.capacity()).putShort((short) 1).putShort((short) 6379)
                .putShort((short) type).putShort((short) gossip).putLong(random.nextInt(9)).putLong(random.nextInt(9))
                .putLong(random.nextInt()).put(name(random)).put(noise(random, 2048));
        frame.position(2168).put(ascii("127.0.0.1"));
        frame.position(2246).putShort((short) 0).putShort(nobodysPort(random)).putShort((short) random.nextInt(1024))
                .put((byte) random.nextInt(2));
        frame.position(2256);
        for (int i = 0; i < gossip; i++) {
            int start = frame.position();
            frame.put(name(random)).putInt(random.nextInt()).putInt(random.nextInt()).put(ascii("127.0.0.1"));
            frame.position(start + 94).putShort(nobodysPort(random)).putShort(nobodysPort(random))
                    .putShort((short) random.nextInt(1024)).position(start + 104);
        }
        return frame.put(body).array();
    }

    /** One that no node has, so that the noise marries nobody to another test's cluster. */
    private static short nobodysPort(Random random) {
        return (short) (1 + random.nextInt(6));
    }

    private static byte[] name(Random random) {
        return ascii("%040x".formatted(random.nextLong() & Long.MAX_VALUE));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** As it is, cut off, of another length than it says, or with bytes that are wrong. */
    private static byte[] spoiled(byte[] frame, Random random) {
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(frame, random.nextInt(frame.length));
            }
            case 1 -> ByteBuffer.wrap(frame).putInt(4, frame.length + random.nextInt(-100, 5_000));
            case 2 -> {
                for (int i = random.nextInt(20); i >= 0; i--) {
                    frame[random.nextInt(8, 2168)] = (byte) random.nextInt(256);
                }
            }
            default -> { }
        }
        return frame;
    }
}
