package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.transcript.Connection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes that mean nothing, or almost something, on the port for clients: the node stays up and its memory does not grow. */
class RandomBytesTest {

    private static final long FIRST_SEED = Long.getLong("granary.seed", System.nanoTime() & 0xFFFFFF);

    private static final String[] WORDS = {
        "GET", "SET", "MGET", "INCRBY", "APPEND", "SETRANGE", "EXPIRE", "SCAN", "KEYS", "OBJECT", "ENCODING",
        "CLIENT", "LIST", "REPLY", "SKIP", "OFF", "ON", "MULTI", "EXEC", "DISCARD", "WATCH", "HELLO", "3", "2",
        "AUTH", "default", "CONFIG", "INFO", "COMMAND", "DOCS", "GETKEYS", "LATENCY", "HISTOGRAM", "MEMORY", "USAGE",
        "STATS", "SLOWLOG", "DEBUG", "CLUSTER", "NODES", "RESET", "QUIT", "SELECT", "MOVE", "COPY", "RENAME", "LCS",
        "MATCH", "COUNT", "[a-", "*", "?\\", "0", "1", "-1", "65535", "9223372036854775807", "1e309", "nan", "EX",
        "PX", "NX", "GT", "key", "key2", ""};

    @Test
    void aNodeSurvivesTwoSecondsOfThem() {
        survive(2);
    }

    @Test
    @Tag("soak")
    void aNodeSurvivesMinutesOfThem() {
        survive(180);
    }

    private static void survive(int seconds) {
        try (TestNode node = TestNode.start("--proto-max-bulk-len", "1mb"); Connection operator = node.connect()) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            long seed = FIRST_SEED;
            while (System.nanoTime() < end) {
                attack(node, seed++);
            }
            await().until(() -> InfoText.of(operator, "clients").number("connected_clients") == 1);
            operator.ask("FLUSHALL");
            InfoText info = InfoText.of(operator, "memory");
            assertThat(info.number("used_memory")).as("from seed " + FIRST_SEED).isLessThan(1 << 20);
            assertThat(info.number("allocator_active")).as("from seed " + FIRST_SEED).isLessThan(64 << 20);
            assertThat(node.log()).as("from seed " + FIRST_SEED).doesNotContain("internal error");
            assertThat(operator.ask("PING").text()).isEqualTo("PONG");
        } catch (UncheckedIOException e) {
            throw new AssertionError("the node did not survive seeds from " + FIRST_SEED, e);
        }
    }

    /** Connects, sends, and leaves; whether the node closes the connection is its affair. */
    private static void attack(TestNode node, long seed) {
        Random random = new Random(seed);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port())) {
            socket.setTcpNoDelay(true);
            byte[] bytes = switch (random.nextInt(4)) {
                case 0 -> noise(random);
                case 1 -> nearlyInline(random);
                default -> nearlyRequests(random);
            };
            int at = 0;
            while (at < bytes.length) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 7 : 4096));
                socket.getOutputStream().write(bytes, at, length);
                at += length;
            }
            if (random.nextBoolean()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException _) {
            // refused bytes end the connection, and what is sent afterwards fails
        }
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[random.nextInt(5_000)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] nearlyInline(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(50); i > 0; i--) {
            text.append(word(random)).append(" \"'\\x\r\n\0\t".charAt(random.nextInt(9)));
        }
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Requests of commands that exist, their arguments drawn by lot, and now and then a byte that is wrong. */
    private static byte[] nearlyRequests(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(40); i > 0; i--) {
            int count = 1 + random.nextInt(6);
            out.writeBytes(("*" + count + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            for (int j = 0; j < count; j++) {
                byte[] argument = random.nextInt(20) == 0 ? noise(random)
                        : word(random).getBytes(StandardCharsets.ISO_8859_1);
                out.writeBytes(("$" + argument.length + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                out.writeBytes(argument);
                out.writeBytes(new byte[] {'\r', '\n'});
            }
        }
        byte[] bytes = out.toByteArray();
        if (bytes.length > 0 && random.nextInt(3) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static String word(Random random) {
        return WORDS[random.nextInt(WORDS.length)];
    }
}
