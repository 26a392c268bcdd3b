package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.client.LoopFixture.Peer;
import io.granary.node.cluster.MadeUpView;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.UnitLog;
import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.ProtocolException;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Effects;
import io.granary.slots.keyspace.Keyspace;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node appends to its log, when, and under which locks. */
class UnitsTest {

    private final Command<NodeCall> follow = Command.<NodeCall>of("FOLLOW", "", this::follow).flags(CommandFlag.READONLY);
    private RecordedLog log;
    private LoopFixture loop = new LoopFixture(List.of(follow), () -> null, this::recorded);
    private Peer client = loop.connect();

    private void follow(NodeCall call) {
        loop.condition.replica(true);
        call.reply().ok();
    }

    private UnitLog recorded(Keyspace keyspace) {
        log = new RecordedLog(keyspace);
        return log;
    }

    /** A log in memory, that looks who holds which locks. */
    private static final class RecordedLog implements UnitLog {

        private final Keyspace keyspace;
        private final List<String> units = new ArrayList<>();
        private final FrameDecoder decoder = new FrameDecoder();
        private boolean active = true;
        private int database;
        private long offset;
        private int locksHeld;

        RecordedLog(Keyspace keyspace) {
            this.keyspace = keyspace;
        }

        @Override
        public void wake() {
            // nobody reads it
        }

        @Override
        public boolean active() {
            return active;
        }

        @Override
        public long append(Effects unit) {
            locksHeld = 0;
            for (int i = 0; i < keyspace.stripes(); i++) {
                locksHeld += keyspace.stripe(i).heldByCurrentThread() ? 1 : 0;
            }
            offset += unit.streamBytes(database);
            database = unit.write(database, (source, from, length) -> {
                byte[] bytes = source.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
                decoder.feed(bytes, 0, bytes.length);
            });
            units.add(decoded());
            return offset;
        }

        private String decoded() {
            List<String> requests = new ArrayList<>();
            try {
                for (Frame request = decoder.next(); request != null; request = decoder.next()) {
                    requests.add(request.items().stream().map(Frame::text).collect(Collectors.joining(" ")));
                }
            } catch (ProtocolException e) {
                throw new AssertionError("effects that are no requests", e);
            }
            return String.join("; ", requests);
        }

        List<String> taken() {
            List<String> taken = List.copyOf(units);
            units.clear();
            return taken;
        }
    }

    @AfterEach
    void end() {
        loop.close();
    }

    private void inCluster() {
        loop.close();
        NodeView me = new NodeView(new NodeId("a".repeat(NodeId.LENGTH)), "10.0.0.1", 1, 0, 2, "", "",
                "a".repeat(NodeId.LENGTH), Set.of(NodeFlag.MYSELF), null, 0, 0, 1, true, 0);
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        Arrays.fill(owners, me);
        ClusterView view = MadeUpView.of(me, List.of(me), owners, Map.of(), Map.of(), true, 1, 1);
        loop = new LoopFixture(List.of(), () -> view, this::recorded);
        client = loop.connect();
    }

    @Test
    void aCommandIsAppendedUnderTheLockOfItsSlotAlone() {
        inCluster();
        assertThat(client.send("SET a 1\r\n")).isEqualTo("+OK\r\n");
        assertThat(log.taken()).containsExactly("SET a 1");
        assertThat(log.locksHeld).isOne();
        assertThat(client.session().profile().lastWriteOffset()).isEqualTo(log.offset).isPositive();
    }

    @Test
    void commandsOfAPipelineAreUnitsOfTheirOwn() {
        client.send("SET a 1\r\nGET a\r\nINCR a\r\nDEL b\r\nSETEX a 0 v\r\nLPUSH\r\nAPPEND a x\r\n");
        assertThat(log.taken()).containsExactly("SET a 1", "INCR a", "APPEND a x");
    }

    @Test
    void readersHaveWrittenNothing() {
        client.send("GET a\r\nPING\r\nSET a b NX GET EX\r\n");
        assertThat(client.session().profile().lastWriteOffset()).isZero();
    }

    @Test
    void aTransactionIsOneUnit() {
        client.send("MULTI\r\nSET a 1\r\nGET a\r\nINCR a\r\nEXEC\r\n");
        assertThat(log.taken()).containsExactly("MULTI; SET a 1; INCR a; EXEC");
        client.send("MULTI\r\nGET a\r\nINCR a\r\nEXEC\r\n");
        assertThat(log.taken()).containsExactly("INCR a");
        client.send("MULTI\r\nGET a\r\nEXEC\r\nMULTI\r\nEXEC\r\nMULTI\r\nSET a 1\r\nDISCARD\r\n");
        assertThat(log.taken()).isEmpty();
    }

    @Test
    void aTransactionGoesThroughDatabases() {
        client.send("MULTI\r\nSET a 1\r\nSELECT 2\r\nSET a 1\r\nSELECT 0\r\nMOVE a 1\r\nEXEC\r\nSET b 1\r\n");
        assertThat(log.taken()).containsExactly("MULTI; SET a 1; SELECT 2; SET a 1; SELECT 0; MOVE a 1; EXEC", "SET b 1");
    }

    @Test
    void aTransactionThatFailsInPartsIsToldInParts() {
        client.send("SET a text\r\nSET old v PXAT 1\r\n");
        log.taken();
        client.send("MULTI\r\nINCR a\r\nSET b 1\r\nINCR old\r\nAPPEND a x\r\nRENAME c d\r\nEXEC\r\n");
        assertThat(log.taken()).containsExactly("MULTI; SET b 1; DEL old; INCR old; APPEND a x; EXEC");
    }

    @Test
    void aTransactionThatIsNotRunIsNotTold() {
        client.send("WATCH a\r\n");
        loop.connect().send("SET a other\r\n");
        assertThat(client.send("MULTI\r\nSET a mine\r\nEXEC\r\n")).endsWith("*-1\r\n");
        assertThat(log.taken()).containsExactly("SET a other");
    }

    @Test
    void keysThatAWalkMeetsAreUnitsOfTheirOwnUnlessInATransaction() {
        client.send("SET a v PXAT 1\r\nSET b v PXAT 1\r\n");
        log.taken();
        client.send("SCAN 0\r\n");
        assertThat(log.taken()).containsExactlyInAnyOrder("DEL a", "DEL b");

        client.send("SET a v PXAT 1\r\nSET b v PXAT 1\r\n");
        log.taken();
        client.send("MULTI\r\nSCAN 0\r\nSET c 1\r\nEXEC\r\n");
        assertThat(log.taken()).hasSize(1).first().asString()
                .matches("MULTI; DEL [ab]; DEL [ab]; SET c 1; EXEC");
    }

    @Test
    void whatChangesAllSlotsIsAppendedUnderAllLocks() {
        inCluster();
        client.send("MSET {a}1 v {a}2 v\r\nSET b v\r\n");
        for (String flush : List.of("FLUSHALL", "FLUSHDB ASYNC", "MULTI\r\nFLUSHALL\r\nEXEC")) {
            log.taken();
            client.send(flush + "\r\n");
            assertThat(log.taken()).containsExactly(flush.replace("MULTI\r\n", "").replace("\r\nEXEC", ""));
            assertThat(log.locksHeld).isEqualTo(loop.keyspace.stripes());
        }
    }

    @Test
    void aTransactionInAClusterHoldsTheLockOfItsSlot() {
        inCluster();
        client.send("MULTI\r\nSET {a}1 v\r\nSET {a}2 v\r\nEXEC\r\n");
        assertThat(log.taken()).containsExactly("MULTI; SET {a}1 v; SET {a}2 v; EXEC");
        assertThat(log.locksHeld).isOne();
    }

    @Test
    void valuesTooLongToBeCopiedAreToldWhole() {
        String value = "v".repeat(70_000);
        client.send("SET a " + value.substring(0, 40_000) + "\r\n");
        client.send("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$70000\r\n" + value + "\r\n");
        client.send("MULTI\r\n*3\r\n$6\r\nGETSET\r\n$1\r\nb\r\n$70000\r\n" + value + "\r\nINCR c\r\nEXEC\r\n");
        assertThat(log.taken()).containsExactly(
                "SET a " + value.substring(0, 40_000), "SET a " + value, "MULTI; SET b " + value + "; INCR c; EXEC");
    }

    @Test
    void noKeyGoesOnceTheNodeIsAReplica() {
        client.send("SET a v PXAT 1\r\nSET b v PXAT 1\r\n");
        log.taken();
        // the settings of the batch are those of before
        assertThat(client.send("FOLLOW\r\nGET a\r\nEXISTS a b\r\nSCAN 0\r\nRANDOMKEY\r\nTTL b\r\nPING\r\n"))
                .isEqualTo("+OK\r\n$-1\r\n:0\r\n*2\r\n$1\r\n0\r\n*0\r\n$-1\r\n:-2\r\n+PONG\r\n");
        assertThat(log.taken()).isEmpty();
        assertThat(loop.keyspace.size(0)).isEqualTo(2);
    }

    @Test
    void nothingIsAppendedWhileTheLogIsNotActive() {
        log.active = false;
        client.send("SET a 1\r\nMULTI\r\nSET a 2 EX 10\r\nGETDEL a\r\nEXEC\r\nSET a v PXAT 1\r\nGET a\r\nFLUSHALL\r\n");
        assertThat(log.taken()).isEmpty();
        log.active = true;
        client.send("INCR a\r\n");
        assertThat(log.taken()).containsExactly("INCR a");
    }

    @Test
    void whatWasSetBeforeMemoryWasUsedUpIsTold() {
        for (int size = 128 << 20, i = 0; size >= 64 << 10; size /= 2, i++) {
            client.send("SETRANGE fill" + i + " " + size + " x\r\n");
        }
        String big = "v".repeat(16_000);
        String request = "MSET";
        for (int i = 0; i < 40; i++) {
            request += " k" + i + " " + big;
        }
        log.taken();
        String reply = client.send(multibulk(request));
        assertThat(reply).startsWith("-OOM");
        assertThat(client.send("EXISTS k0\r\n")).isEqualTo(":1\r\n");
        assertThat(client.send("EXISTS k39\r\n")).isEqualTo(":0\r\n");
        int set = 0;
        while (client.send("EXISTS k" + set + "\r\n").equals(":1\r\n")) {
            set++;
        }
        String told = log.taken().getFirst();
        assertThat(told).startsWith("MSET k0 v").contains(" k" + (set - 1) + " ").doesNotContain(" k" + set + " ");
    }

    private static String multibulk(String words) {
        String[] parts = words.split(" ");
        StringBuilder request = new StringBuilder("*" + parts.length + "\r\n");
        for (String part : parts) {
            request.append('$').append(part.length()).append("\r\n").append(part).append("\r\n");
        }
        return request.toString();
    }
}
