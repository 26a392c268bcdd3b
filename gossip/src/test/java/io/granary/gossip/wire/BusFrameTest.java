package io.granary.gossip.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class BusFrameTest {

    private static final int PAYLOAD_LIMIT = 10_000;

    @Test
    void twoGigabytesAreRefusedOnSixteenBytes() {
        for (MessageType type : MessageType.values()) {
            assertEquals(
                    new BusFrame.Refused("bad length 2147483648 of a message of type " + type.code()),
                    verdict(type.code(), 0, 0x80000000));
        }
        assertEquals(new BusFrame.Refused("bad length 4294967295 of a message of type 4"), verdict(4, 0, -1));
    }

    @Test
    void whatIsNoBusMessageIsRefused() {
        ByteBuffer http = ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: me\r\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals(new BusFrame.Refused("bad signature"), BusFrame.lengthOf(http, PAYLOAD_LIMIT));
    }

    @Test
    void anotherVersionIsRefused() {
        ByteBuffer prefix = prefix(0, 0, 2256).putShort(8, (short) 2);
        assertEquals(new BusFrame.Refused("unknown version 2"), BusFrame.lengthOf(prefix, PAYLOAD_LIMIT));
    }

    @Test
    void fixedTypesHaveOneLength() {
        assertEquals(new BusFrame.Length(2296), verdict(3, 0, 2296));
        assertEquals(new BusFrame.Refused("bad length 2297 of a message of type 3"), verdict(3, 0, 2297));
        assertEquals(new BusFrame.Length(4352), verdict(7, 0, 4352));
        assertEquals(new BusFrame.Length(2256), verdict(5, 0, 2256));
        assertEquals(new BusFrame.Refused("bad length 2255 of a message of type 6"), verdict(6, 0, 2255));
    }

    @Test
    void aHeartbeatIsAtLeastAsLongAsItsGossipAndBounded() {
        assertEquals(new BusFrame.Length(2256 + 3 * 104), verdict(0, 3, 2256 + 3 * 104));
        assertEquals(new BusFrame.Refused("bad length 2360 of a message of type 1"), verdict(1, 2, 2360));
        assertEquals(new BusFrame.Length(BusLayout.HEARTBEAT_LIMIT), verdict(2, 0, BusLayout.HEARTBEAT_LIMIT));
        assertEquals(
                new BusFrame.Refused("bad length " + (BusLayout.HEARTBEAT_LIMIT + 1) + " of a message of type 2"),
                verdict(2, 0, BusLayout.HEARTBEAT_LIMIT + 1));
    }

    @Test
    void payloadsAreBoundedByTheCaller() {
        assertEquals(new BusFrame.Length(PAYLOAD_LIMIT), verdict(4, 0, PAYLOAD_LIMIT));
        assertEquals(new BusFrame.Refused("bad length 10001 of a message of type 10"), verdict(10, 0, PAYLOAD_LIMIT + 1));
    }

    @Test
    void anUnknownTypeIsSkippedWithinReason() {
        assertEquals(new BusFrame.Length(3000), verdict(77, 0, 3000));
        assertEquals(new BusFrame.Refused("bad length 70000 of a message of type 77"), verdict(77, 0, 70000));
        assertEquals(new BusFrame.Refused("bad length 100 of a message of type 32772"), verdict(0x8004, 0, 100));
    }

    private static BusFrame.Verdict verdict(int type, int count, int length) {
        return BusFrame.lengthOf(prefix(type, count, length), PAYLOAD_LIMIT);
    }

    private static ByteBuffer prefix(int type, int count, int length) {
        ByteBuffer prefix = ByteBuffer.allocate(BusFrame.PREFIX_BYTES);
        prefix.putInt(0, 0x52436d62).putInt(4, length).putShort(8, (short) 1);
        return prefix.putShort(12, (short) type).putShort(14, (short) count);
    }
}
