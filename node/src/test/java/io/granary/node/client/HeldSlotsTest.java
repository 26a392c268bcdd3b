package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.client.LoopFixture.Peer;
import io.granary.node.cluster.MadeUpView;
import io.granary.node.dispatch.Propagation;
import io.granary.node.dispatch.UnitLog;
import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.slots.command.Effects;
import io.granary.slots.keyspace.Keyspace;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slots on their way to another node: their writes can be made to wait, and somebody hears of their changes alone. */
class HeldSlotsTest {

    private final SlotSet moving = SlotSet.of(Slot.of("{moving}".getBytes(StandardCharsets.US_ASCII)));
    private Propagation propagation;
    private final LoopFixture loop = new LoopFixture(List.of(), HeldSlotsTest::view, this::propagation);
    private final Peer client = loop.connect();

    private Propagation propagation(Keyspace keyspace) {
        propagation = new Propagation(UnitLog.NONE);
        return propagation;
    }

    private static ClusterView view() {
        NodeView me = new NodeView(new NodeId("a".repeat(NodeId.LENGTH)), "10.0.0.1", 1, 0, 2, "", "",
                "a".repeat(NodeId.LENGTH), Set.of(NodeFlag.MYSELF), null, 0, 0, 1, true, 0);
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        Arrays.fill(owners, me);
        return MadeUpView.of(me, List.of(me), owners, Map.of(), Map.of(), true, 1, 1);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void onlyWritesToHeldSlotsWait() {
        assertThat(client.send("SET {moving}a 1\r\n")).isEqualTo("+OK\r\n");
        loop.condition.hold("job", moving);
        assertThat(client.send("GET {moving}a\r\nSET {other}a 2\r\nTTL {moving}a\r\n"))
                .isEqualTo("$1\r\n1\r\n+OK\r\n:-1\r\n");
        assertThat(client.send("SET {moving}a 2\r\nGET {other}a\r\n")).as("it waits, and what is behind it").isEmpty();
        Peer other = loop.connect();
        assertThat(other.send("GET {moving}a\r\n")).isEqualTo("$1\r\n1\r\n");
        loop.condition.release("job");
        assertThat(client.received()).isEqualTo("+OK\r\n$1\r\n2\r\n");
    }

    @Test
    void transactionsAndFlushesWaitAsWell() {
        loop.condition.hold("job", moving);
        assertThat(client.send("MULTI\r\nSET {other}a 1\r\nEXEC\r\n")).endsWith("*1\r\n+OK\r\n");
        assertThat(client.send("MULTI\r\nGET {moving}a\r\nSET {moving}a 1\r\n")).endsWith("+QUEUED\r\n+QUEUED\r\n");
        assertThat(client.send("EXEC\r\n")).isEmpty();
        Peer other = loop.connect();
        assertThat(other.send("FLUSHALL\r\n")).as("it would remove what is on its way").isEmpty();
        loop.condition.release("job");
        assertThat(client.received()).isEqualTo("*2\r\n$-1\r\n+OK\r\n");
        assertThat(other.received()).isEqualTo("+OK\r\n");
    }

    @Test
    void holdsOfSeveralJobsEndOneByOne() {
        loop.condition.hold("one", moving);
        loop.condition.hold("two", moving);
        assertThat(client.send("SET {moving}a 1\r\n")).isEmpty();
        loop.condition.release("one");
        assertThat(client.received()).isEmpty();
        loop.condition.release("two");
        assertThat(client.received()).isEqualTo("+OK\r\n");
    }

    @Test
    void whoFollowsSlotsHearsOfTheirChangesAlone() {
        StringBuilder heard = new StringBuilder();
        Propagation.SlotFollower follower = new Propagation.SlotFollower() {
            @Override
            public boolean follows(int slot) {
                return moving.contains(slot);
            }

            @Override
            public void append(Effects unit) {
                unit.write(0, (source, from, length) -> heard.append(new String(
                        source.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1)));
            }
        };
        assertThat(propagation.active()).isFalse();
        loop.keyspace.lockAll();
        propagation.follow(follower);
        loop.keyspace.unlockAll();
        assertThat(propagation.active()).isTrue();
        client.send("SET {other}a 1\r\nSET {moving}a 1\r\nMULTI\r\nINCR {moving}a\r\n"
                + "DEL {moving}b\r\nAPPEND {moving}a x\r\nEXEC\r\nGET {moving}a\r\nPEXPIRE {moving}a 0\r\n");
        assertThat(words(heard)).isEqualTo("SET {moving}a 1 MULTI INCR {moving}a APPEND {moving}a x EXEC DEL {moving}a");
        propagation.leave(follower, loop.keyspace);
        assertThat(propagation.active()).isFalse();
        client.send("SET {moving}a 1\r\n");
        assertThat(words(heard)).endsWith("DEL {moving}a");
    }

    private static String words(StringBuilder requests) {
        return String.join(" ", Arrays.stream(requests.toString().split("\r\n"))
                .filter(line -> !line.matches("[*$][0-9]+")).toList());
    }
}
