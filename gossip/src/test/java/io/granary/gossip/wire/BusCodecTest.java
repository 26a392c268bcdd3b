package io.granary.gossip.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.SlotBitmap;
import io.granary.gossip.SlotGrant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BusCodecTest {

    private static final NodeId ONE = new NodeId("1".repeat(40));
    private static final NodeId TWO = new NodeId("2".repeat(40));
    private static final NodeId THREE = new NodeId("abcdef0123".repeat(4));

    @Test
    void aPongOfRedisServerIsReadFieldByField() throws IOException {
        BusMessage.Heartbeat pong = (BusMessage.Heartbeat) message(captured("pong-redis-7.0.15.bin"));
        BusHeader header = pong.header();
        assertEquals(MessageType.PONG, pong.type());
        assertEquals("5308bc0b118edc51daf3ac94846dcba81c56c762", header.sender().hex());
        assertEquals(5, header.currentEpoch());
        assertEquals(0, header.configEpoch());
        assertEquals("0-99", header.slots().toString());
        assertNull(header.primary());
        assertEquals("", header.ip());
        assertEquals(22256, header.port());
        assertEquals(0, header.secondPort());
        assertEquals(27256, header.busPort());
        assertTrue(header.is(NodeFlag.MYSELF) && header.is(NodeFlag.PRIMARY) && !header.is(NodeFlag.REPLICA));
        assertTrue(!header.ok() && header.has(BusHeader.EXTENSIONS) && !header.has(BusHeader.PAUSED));
        assertNull(header.stamp());
        NodeId other = new NodeId("a1afc3bcf0ed849129e482bc4b285be2ddbf90ff");
        assertEquals(List.of(new GossipEntry(other, 0, 0x6b02f0d5L, "127.0.0.1", 22257, 0, 27257, 1)), pong.gossip());
        assertEquals(List.of(new PingExtension.Hostname("node-22256.example.org")), pong.extensions());
    }

    @Test
    void whatRedisServerSentIsWrittenAgainByteForByte() throws IOException {
        for (String name : List.of("pong-redis-7.0.15.bin", "meet-redis-7.0.15.bin")) {
            byte[] frame = captured(name);
            assertArrayEquals(frame, BusEncoder.encode(message(frame)), name);
        }
    }

    @Test
    void everyTypeComesBackAsItWent() {
        BusHeader header = header();
        List<BusMessage> messages = List.of(
                heartbeat(),
                new BusMessage.Heartbeat(MessageType.MEET, header, List.of(), List.of()),
                new BusMessage.Heartbeat(MessageType.PONG, header, List.of(), List.of(
                        new PingExtension.Granted(new SlotGrant(ONE, THREE.hex(), TWO, 11, SlotBitmap.of(0, 16383))))),
                new BusMessage.Fail(header, TWO),
                new BusMessage.Update(header, 9, THREE, SlotBitmap.range(0, 16383)),
                new BusMessage.FailoverAuthRequest(header),
                new BusMessage.FailoverAuthAck(header),
                new BusMessage.MfStart(header));
        for (BusMessage message : messages) {
            assertEquals(message, message(BusEncoder.encode(message)));
        }
    }

    @Test
    void payloadsComeBackAsTheyWent() {
        byte[] channel = {1, 2, 0};
        byte[] text = new byte[300];
        var publish = (BusMessage.Publish)
                message(BusEncoder.encode(new BusMessage.Publish(MessageType.PUBLISHSHARD, header(), channel, text)));
        assertEquals(MessageType.PUBLISHSHARD, publish.type());
        assertArrayEquals(channel, publish.channel());
        assertArrayEquals(text, publish.message());
        var module = (BusMessage.Module) message(BusEncoder.encode(new BusMessage.Module(header(), 77, 200, text)));
        assertEquals(77, module.module());
        assertEquals(200, module.kind());
        assertArrayEquals(text, module.payload());
    }

    @Test
    void flagsOfGossipThatMeanNothingHereAreMasked() {
        byte[] frame = BusEncoder.encode(heartbeat());
        ByteBuffer.wrap(frame).putShort(2256 + 98, (short) (1024 | 2048 | 16 | 128 | 256 | 1));
        assertEquals(1, ((BusMessage.Heartbeat) message(frame)).gossip().getFirst().flags());
    }

    @Test
    void anUnknownExtensionIsSkipped() {
        byte[] frame = BusEncoder.encode(heartbeat());
        int hostname = 2256 + 2 * 104;
        ByteBuffer.wrap(frame).putShort(hostname + 4, (short) 4);
        assertEquals(3, ((BusMessage.Heartbeat) message(frame)).extensions().size());
    }

    @Test
    void anUnknownTypeIsIgnored() {
        byte[] frame = BusEncoder.encode(new BusMessage.MfStart(header()));
        ByteBuffer.wrap(frame).putShort(12, (short) 11);
        assertEquals(new BusDecoder.Ignored(11), BusDecoder.decode(ByteBuffer.wrap(frame)));
    }

    @Test
    void malformedFieldsAreRefusedByName() {
        int extension = 2256 + 2 * 104;
        byte[] endless = "1".repeat(46).getBytes(StandardCharsets.US_ASCII);
        refused("ping: not a node id", frame -> frame.put(40, (byte) 'X'));
        refused("ping: not a node id", frame -> frame.put(2256 + 10, (byte) 0));
        refused("ping: not a node id", frame -> frame.put(2128, (byte) 0));
        refused("ping: epoch 18446744073709551615", frame -> frame.putLong(16, -1));
        refused("ping: not an address", frame -> frame.put(2168, (byte) ' '));
        refused("ping: text without an end", frame -> frame.put(2256 + 48, endless));
        refused("ping: extension 0 of 12 bytes where 152 are left", frame -> frame.putInt(extension, 12));
        refused("ping: extension 0 of 0 bytes where 152 are left", frame -> frame.putInt(extension, 0));
        refused("ping: extension 0 of 4294967288 bytes where 152 are left", frame -> frame.putInt(extension, -8));
        refused("ping: not a hostname", frame -> frame.put(extension + 8, (byte) '/'));
        refused("ping: extension 4 is missing", frame -> frame.putShort(2214, (short) 5));
        refused("ping: 48 bytes too many", frame -> frame.putShort(2214, (short) 3));
        refused("ping: 152 bytes too many", frame -> frame.put(2253, (byte) 0));
    }

    @Test
    void lengthsInsideAPublishMustFillTheFrame() {
        byte[] frame = BusEncoder.encode(new BusMessage.Publish(MessageType.PUBLISH, header(), new byte[3], new byte[4]));
        ByteBuffer.wrap(frame).putInt(2256, -1);
        assertEquals(
                new BusDecoder.Refused("publish: channel of 4294967295 and message of 4 in a frame of 2271"),
                BusDecoder.decode(ByteBuffer.wrap(frame)));
        ByteBuffer.wrap(frame).putInt(2256, 3 - 1).putInt(2260, 4);
        assertInstanceOf(BusDecoder.Refused.class, BusDecoder.decode(ByteBuffer.wrap(frame)));
    }

    @Test
    void noMutationOfAFrameEscapesTheDecoder() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<byte[]> frames = List.of(
                BusEncoder.encode(heartbeat()),
                BusEncoder.encode(new BusMessage.Publish(MessageType.PUBLISH, header(), new byte[30], new byte[40])),
                BusEncoder.encode(new BusMessage.Module(header(), 1, 2, new byte[50])),
                BusEncoder.encode(new BusMessage.Update(header(), 9, THREE, SlotBitmap.EMPTY)),
                BusEncoder.encode(new BusMessage.Fail(header(), TWO)));
        for (int round = 0; round < 20_000; round++) {
            byte[] frame = frames.get(random.nextInt(frames.size())).clone();
            mutate(frame, random);
            int length = random.nextInt(5) == 0 ? random.nextInt(frame.length + 1) : frame.length;
            try {
                if (BusDecoder.decode(ByteBuffer.wrap(frame, 0, length)) instanceof BusDecoder.Message read) {
                    assertEquals(MessageType.of(frame[13]), read.message().type());
                    BusEncoder.encode(read.message());
                }
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
        }
    }

    /** Changes a few bytes, most of them behind the slots, where the lengths are. */
    private static void mutate(byte[] frame, Random random) {
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(3) > 0 ? 2100 + random.nextInt(frame.length - 2100) : random.nextInt(frame.length);
            frame[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (frame[at] ^ 1 << random.nextInt(8));
        }
    }

    private interface Change {
        void to(ByteBuffer frame);
    }

    private static void refused(String reason, Change change) {
        byte[] frame = BusEncoder.encode(heartbeat());
        change.to(ByteBuffer.wrap(frame));
        assertEquals(new BusDecoder.Refused(reason), BusDecoder.decode(ByteBuffer.wrap(frame)));
    }

    private static BusHeader header() {
        return new BusHeader(
                ONE, 12, 7, 4711, SlotBitmap.of(0, 5, 16383), TWO, "10.0.0.1", 7000, 7001, 17000, 2 | 16, true,
                BusHeader.EXTENSIONS, new BusHeader.Stamp(-3, 99, Long.MAX_VALUE, 0xffff, true, false, true));
    }

    private static BusMessage.Heartbeat heartbeat() {
        return new BusMessage.Heartbeat(
                MessageType.PING,
                header(),
                List.of(
                        new GossipEntry(TWO, 5, 0xffffffffL, "::1", 65535, 0, 1, 1 | 4),
                        new GossipEntry(THREE, 0, 0, "", 0, 0, 0, 2 | 8 | 64, 3)),
                List.of(
                        new PingExtension.Hostname("a-host.example.org"),
                        new PingExtension.HumanName("first"),
                        new PingExtension.ForgottenNode(THREE, 59),
                        new PingExtension.ShardId(TWO.hex())));
    }

    private static BusMessage message(byte[] frame) {
        return switch (BusDecoder.decode(ByteBuffer.wrap(frame))) {
            case BusDecoder.Message read -> read.message();
            case BusDecoder.Decoded other -> throw new AssertionError(other);
        };
    }

    private static byte[] captured(String name) throws IOException {
        try (var in = BusCodecTest.class.getResourceAsStream("/io/granary/gossip/" + name)) {
            return in.readAllBytes();
        }
    }
}
