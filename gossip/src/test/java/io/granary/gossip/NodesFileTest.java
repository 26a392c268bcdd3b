package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodesFileTest {

    private static final NodeId ONE = new NodeId("1".repeat(40));
    private static final NodeId TWO = new NodeId("2".repeat(40));
    private static final NodeId THREE = new NodeId("3".repeat(40));
    private static final NodesFile FILE = file(12);
    private static final byte[] TEXT = FILE.text().getBytes(StandardCharsets.ISO_8859_1);

    private static NodesFile file(long lastVoteEpoch) {
        return new NodesFile(
                List.of(
                        new NodesFile.Entry(ONE, "127.0.0.1", 7000, 0, 17000, "", "", ONE.hex(),
                                Set.of(NodeFlag.MYSELF, NodeFlag.PRIMARY), null, 0, 0, 11, true,
                                SlotBitmap.of(0, 1, 2, 5, 16383)),
                        new NodesFile.Entry(TWO, "::1", 7001, 7101, 17001, "two.example.org", "second", TWO.hex(),
                                Set.of(NodeFlag.PRIMARY, NodeFlag.FAIL), null, 1000, 2000, 12, false,
                                SlotBitmap.range(100, 200)),
                        new NodesFile.Entry(THREE, "", 0, 0, 0, "", "", TWO.hex(),
                                Set.of(NodeFlag.REPLICA, NodeFlag.NOADDR), TWO, 0, 0, 0, false, SlotBitmap.EMPTY)),
                Map.of(1, TWO),
                Map.of(150, TWO),
                12,
                lastVoteEpoch,
                Map.of(TWO, 11L, THREE, 12L),
                List.of(
                        new NodesFile.OpenHandOver(
                                NodesFile.OpenHandOver.Stage.IMPORT, ONE.hex(), SlotBitmap.of(100, 102, 103), TWO, 0),
                        new NodesFile.OpenHandOver(
                                NodesFile.OpenHandOver.Stage.GRANT, TWO.hex(), SlotBitmap.of(5), THREE, 12)),
                SlotBitmap.of(150, 160, 161),
                List.of(new SlotGrant(THREE, ONE.hex(), TWO, 13, SlotBitmap.of(7, 8))),
                Map.of(TWO, SlotBitmap.of(0, 2)));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        assertEquals(new NodesFile.Loaded(FILE, null), NodesFile.load(TEXT, null));
    }

    @Test
    void theLinesAreThoseOfRedis() {
        List<String> lines = FILE.text().lines().toList();
        assertEquals(ONE + " 127.0.0.1:7000@17000,,tls-port=0,shard-id=" + ONE
                + " myself,master - 0 0 11 connected 0-2 5 16383 [1->-" + TWO + "] [150-<-" + TWO + "]", lines.get(0));
        assertEquals(TWO + " ::1:7001@17001,two.example.org,tls-port=7101,nodename=second,shard-id=" + TWO
                + " master,fail - 1000 2000 12 disconnected 100-200", lines.get(1));
        assertTrue(lines.get(3).startsWith("vars currentEpoch 12 lastVoteEpoch 12 contested " + TWO + ":11," + THREE
                + ":12 handovers import:" + ONE + ":" + TWO + ":0:100+102-103,grant:" + TWO + ":" + THREE
                + ":12:5 abandoned 150+160-161 grants " + THREE + ":" + ONE + ":" + TWO + ":13:7-8 arrivals " + TWO
                + ":0+2 crc32c "), lines.get(3));
    }

    @Test
    void aFileOfRedisServerIsRead() throws IOException {
        NodesFile file = ((NodesFile.Loaded) NodesFile.load(captured(), null)).file();
        assertEquals(2, file.nodes().size());
        assertEquals(5, file.currentEpoch());
        assertEquals("node-22256.example.org", file.myself().hostname());
        assertEquals("0-99", file.myself().slots().toString());
        assertEquals(27257, file.nodes().getFirst().busPort());
    }

    @Test
    void noFileMakesANewNodeAndAnEmptyOneIsRefused() {
        assertEquals(new NodesFile.Absent(), NodesFile.load(null, null));
        assertEquals(new NodesFile.Absent(), NodesFile.load(null, TEXT));
        assertInstanceOf(NodesFile.Refused.class, NodesFile.load(new byte[0], null));
        assertInstanceOf(NodesFile.Refused.class, NodesFile.load(new byte[0], new byte[0]));
    }

    @Test
    void anEmptyFileBesideAPreviousGenerationIsDamage() {
        var loaded = assertInstanceOf(NodesFile.Loaded.class, NodesFile.load(new byte[0], TEXT));
        assertEquals(FILE, loaded.file());
        assertTrue(loaded.previousGeneration());
    }

    @Test
    void aFileCutAnywhereIsNotBelieved() throws IOException {
        for (byte[] whole : List.of(TEXT, captured())) {
            // The last byte is the last line's end, and a checksum says all without it.
            int last = whole == TEXT ? whole.length - 1 : whole.length;
            for (int length = 1; length < last; length++) {
                NodesFile.Load load = NodesFile.load(Arrays.copyOf(whole, length), null);
                assertInstanceOf(NodesFile.Refused.class, load, "cut at " + length);
            }
        }
        assertNull(((NodesFile.Loaded) NodesFile.load(Arrays.copyOf(TEXT, TEXT.length - 1), null)).warning());
    }

    @Test
    void aFileWithAnyBitChangedIsNotBelievedOrMeansTheSame() {
        for (int at = 0; at < TEXT.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = TEXT.clone();
                changed[at] ^= (byte) (1 << bit);
                if (NodesFile.load(changed, null) instanceof NodesFile.Loaded loaded) {
                    assertEquals(FILE.lastVoteEpoch(), loaded.file().lastVoteEpoch());
                    assertEquals(FILE.currentEpoch(), loaded.file().currentEpoch());
                    assertEquals(FILE.nodes().subList(1, 3), loaded.file().nodes().subList(1, 3));
                    assertEquals(FILE.myself().slots(), loaded.file().myself().slots());
                    assertEquals(FILE.myself().configEpoch(), loaded.file().myself().configEpoch());
                    assertEquals(FILE.myself().port(), loaded.file().myself().port());
                }
            }
        }
    }

    @Test
    void damageFallsBackToThePreviousGenerationAndSaysSo() {
        byte[] previous = file(9).text().getBytes(StandardCharsets.ISO_8859_1);
        byte[] cut = Arrays.copyOf(TEXT, 300);
        var loaded = assertInstanceOf(NodesFile.Loaded.class, NodesFile.load(cut, previous));
        assertEquals(9, loaded.file().lastVoteEpoch());
        assertEquals("line 2: cut off", loaded.warning());
        assertEquals(
                new NodesFile.Refused("line 2: cut off; and in the previous generation: line 2: cut off"),
                NodesFile.load(cut, cut));
        assertEquals(new NodesFile.Refused("line 2: cut off; there is no previous generation"), NodesFile.load(cut, null));
    }

    @Test
    void anOperatorMayRewriteTheOwnAddressAndNothingElse() {
        String moved = FILE.text().replace("127.0.0.1:7000", "10.11.12.13:7000");
        var loaded = assertInstanceOf(NodesFile.Loaded.class, NodesFile.load(bytes(moved), null));
        assertEquals("10.11.12.13", loaded.file().myself().ip());
        assertEquals(
                new NodesFile.Refused("line 4: the checksum does not match; there is no previous generation"),
                NodesFile.load(bytes(FILE.text().replace("::1:7001", "::2:7001")), null));
    }

    @Test
    void contradictionsAreRefused() {
        String vars = "vars currentEpoch 1 lastVoteEpoch 0\n";
        String me = ONE + " :7000@17000 myself,master - 0 0 0 connected";
        refused("line 1: something follows the line with the epochs", vars + me + "\n", 2);
        refused("no node is marked as myself", me.replace("myself,", "") + "\n" + vars, 0);
        refused("line 2: node " + ONE + " for the second time", me + "\n" + me + "\n" + vars, 0);
        refused("line 2: slot 5 for the second time", me + " 5\n" + TWO + " :1@2 master - 0 0 0 connected 0-9\n" + vars, 0);
        refused("line 1: out of range: '16384'", me + " 16384\n" + vars, 0);
        refused("line 1: unknown flag 'hero'", me.replace("master", "hero") + "\n" + vars, 0);
        refused("line 1: open slot '[5->-" + ONE + "'", me + " [5->-" + ONE + "\n" + vars, 0);
        refused("line 2: not the line with the epochs", me + "\nvars currentEpoch 1\n", 0);
        refused("line 2: contest '" + TWO + "'", me + "\nvars currentEpoch 1 lastVoteEpoch 0 contested " + TWO + "\n", 0);
    }

    private static void refused(String reason, String text, int line) {
        String expected = line == 0 ? reason : reason.replace("line 1", "line " + line);
        assertEquals(
                new NodesFile.Refused(expected + "; there is no previous generation"),
                NodesFile.load(bytes(text), null));
    }

    @Test
    @Tag("redis")
    void redisServerReadsOurFile(@TempDir Path directory) throws Exception {
        Files.write(directory.resolve("nodes-22252.conf"), TEXT);
        try (RedisServer redis = new RedisServer(22252, directory)) {
            assertEquals(ONE.hex(), redis.ask("CLUSTER MYID"));
            String nodes = redis.ask("CLUSTER NODES");
            assertTrue(nodes.contains("0-2 5 16383 [1->-" + TWO + "] [150-<-" + TWO + "]"), nodes);
            assertTrue(redis.ask("CLUSTER INFO").contains("cluster_current_epoch:12"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] captured() throws IOException {
        try (var in = NodesFileTest.class.getResourceAsStream("nodes-redis-7.0.15.conf")) {
            return in.readAllBytes();
        }
    }
}
