package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer.Kind;
import io.granary.resp.RequestEncoder;
import io.granary.slots.transcript.CommandLine;
import io.granary.slots.transcript.RandomCommands;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However a stream is cut on its way, and wherever the link breaks, the same comes of it. */
class StreamInPiecesTest {

    /** An RDB of version 9 without keys and without checksum. */
    private static final String EMPTY_RDB = "REDIS0009\u00ff" + "\0".repeat(8);

    private static byte[] stream(Random random, int requests) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int open = 0;
        for (String line : new RandomCommands(random.nextLong()).next(requests)) {
            if (open == 0 && random.nextInt(8) == 0) {
                stream.writeBytes(RequestEncoder.encode("MULTI"));
                open = 1 + random.nextInt(6);
            }
            stream.writeBytes(RequestEncoder.encode(CommandLine.split(line).toArray(byte[][]::new)));
            if (random.nextInt(20) == 0) {
                stream.writeBytes(RequestEncoder.encode("SET", "long", "x".repeat(random.nextInt(200_000))));
            }
            if (open > 0 && --open == 0) {
                stream.writeBytes(RequestEncoder.encode("EXEC"));
            }
            if (open == 0 && random.nextInt(30) == 0) {
                stream.writeBytes(RequestEncoder.encode("PING"));
            }
        }
        if (open > 0) {
            stream.writeBytes(RequestEncoder.encode("EXEC"));
        }
        return stream.toByteArray();
    }

    private static ScriptedPrimary primary(byte[] stream, Random pieces, int breaks) {
        int[] left = {breaks};
        return new ScriptedPrimary(dialogue -> {
            List<String> wish = dialogue.untilPsync();
            boolean first = wish.get(1).equals("?");
            int from = first ? 0 : Integer.parseInt(wish.get(2)) - 1;
            dialogue.say(first
                    ? "+FULLRESYNC " + ScriptedPrimary.ID + " 0\r\n$" + EMPTY_RDB.length() + "\r\n" + EMPTY_RDB
                    : "+CONTINUE\r\n");
            int end = left[0]-- > 0 ? from + pieces.nextInt(stream.length - from + 1) : stream.length;
            while (from < end) {
                int length = Math.min(end - from, 1 + pieces.nextInt(pieces.nextBoolean() ? 40 : 70_000));
                dialogue.say(Arrays.copyOfRange(stream, from, from + length));
                from += length;
            }
            if (end == stream.length) {
                dialogue.listen();
            }
        });
    }

    @Test
    void theSameDataComeOfIt() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] stream = stream(random, 600);
        try (ScriptedPrimary smooth = primary(stream, new Random(seed), 0);
                ScriptedPrimary choppy = primary(stream, new Random(seed + 1), 6);
                Peer one = Peer.start(Kind.GRANARY);
                Peer other = Peer.start(Kind.GRANARY);
                Peer behind = Peer.start(Kind.GRANARY)) {
            one.follow(smooth.port());
            other.follow(choppy.port());
            other.awaitLink();
            behind.follow(other.port());
            await().until(() -> one.offset() == stream.length && other.offset() == stream.length);
            await().until(() -> behind.linkIsUp() && behind.offset() == stream.length);
            assertThat(other.data()).as("seed " + seed).isEqualTo(one.data());
            assertThat(behind.data()).as("seed " + seed).isEqualTo(one.data());
            assertThat(choppy.connections()).isGreaterThanOrEqualTo(7);
        }
    }

    @Test
    void aLongTransactionIsKeptUntilItIsWhole() {
        StringBuilder text = new StringBuilder("*1\r\n$5\r\nMULTI\r\n");
        for (int i = 0; i < 20_000; i++) {
            text.append("*3\r\n$3\r\nSET\r\n$").append(("k" + i).length()).append("\r\nk").append(i)
                    .append("\r\n$1\r\nv\r\n");
        }
        byte[] whole = (text + "*1\r\n$4\r\nEXEC\r\n").getBytes(StandardCharsets.ISO_8859_1);
        int half = whole.length - 3;
        StringBuffer state = new StringBuffer();
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say("+FULLRESYNC " + ScriptedPrimary.ID + " 0\r\n$" + EMPTY_RDB.length() + "\r\n" + EMPTY_RDB)
                            .say(Arrays.copyOf(whole, half));
                    await().until(() -> state.length() > 0);
                    dialogue.say(Arrays.copyOfRange(whole, half, whole.length)).listen();
                })) {
            node.follow(primary.port());
            await().until(() -> {
                String list = node.text("CLIENT", "LIST", "TYPE", "master");
                return list.contains("cmd=multi") || list.contains("multi=20000");
            });
            assertThat(node.text("DBSIZE")).isEqualTo("0");
            assertThat(node.offset()).isZero();
            state.append("seen");
            await().until(() -> node.offset() == whole.length);
            assertThat(node.text("DBSIZE")).isEqualTo("20000");
        }
    }
}
