package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Neighbourhood.Machine;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MembershipTest {

    private final Neighbourhood neighbourhood = new Neighbourhood();

    @Test
    void aNewNodeIsAPrimaryOnItsOwn() {
        Machine one = neighbourhood.machine();
        assertEquals("myself,master", NodeFlag.words(one.view.myself().flags()));
        assertEquals(1, one.view.nodes().size());
        assertNotNull(one.disk);
    }

    @Test
    void whoHasMetKnowsTheOtherByNameAndAddress() {
        Machine one = neighbourhood.machine();
        Machine two = neighbourhood.machine();
        assertEquals("OK", one.ask(new OperatorRequest.Meet("127.0.0.1", two.port, two.port + 10000)));
        neighbourhood.pass(1000);
        assertEquals("127.0.0.1", one.sees(two).ip());
        assertEquals(two.port, one.sees(two).port());
        assertEquals(two.port + 10000, one.sees(two).busPort());
        assertTrue(one.sees(two).linked());
        assertEquals("master", NodeFlag.words(two.sees(one).flags()));
        assertEquals("127.0.0.1", two.view.myself().ip());
    }

    @Test
    void gossipMakesEverybodyKnown() {
        List<Machine> members = neighbourhood.cluster(6);
        for (Machine member : members) {
            assertEquals(6, member.view.nodes().size());
            for (Machine other : members) {
                assertTrue(member.sees(other).linked(), member.view::toString);
                assertEquals(other.view.myself().shard(), member.sees(other).shard());
            }
        }
    }

    @Test
    void aNodeThatMeetsItselfStaysAlone() {
        Machine one = neighbourhood.machine();
        neighbourhood.meet(one, one);
        neighbourhood.pass(2000);
        assertEquals(1, one.view.nodes().size());
    }

    @Test
    void aHandshakeThatNobodyAnswersEnds() {
        Machine one = neighbourhood.machine();
        one.ask(new OperatorRequest.Meet("127.0.0.1", 1, 2));
        assertEquals(2, one.view.nodes().size());
        assertEquals("handshake", NodeFlag.words(one.view.nodes().get(1).flags()));
        neighbourhood.pass(1500);
        assertEquals(1, one.view.nodes().size());
    }

    @Test
    void aMeetingWithoutAnAddressIsRefused() {
        Machine one = neighbourhood.machine();
        assertEquals("ERR Invalid node address specified: nowhere:7000",
                one.ask(new OperatorRequest.Meet("nowhere", 7000, 17000)));
        assertEquals("ERR Invalid node address specified: 127.0.0.1:70000",
                one.ask(new OperatorRequest.Meet("127.0.0.1", 70000, 80000)));
    }

    @Test
    void aNodeForgottenByOneIsForgottenByAllForAMinute() {
        List<Machine> members = neighbourhood.cluster(4);
        Machine gone = members.get(3);
        gone.stop();
        assertEquals("OK", members.get(0).ask(new OperatorRequest.Forget(gone.id().hex())));
        neighbourhood.pass(5000);
        for (Machine member : members.subList(0, 3)) {
            assertNull(member.view.node(gone.id()));
        }
        assertEquals("OK", members.get(1).ask(new OperatorRequest.Forget(gone.id().hex())));
        String stranger = NodeId.random(new Random(1)).hex();
        assertEquals("ERR Unknown node " + stranger, members.get(1).ask(new OperatorRequest.Forget(stranger)));
        assertEquals("ERR I tried hard but I can't forget myself...",
                members.get(1).ask(new OperatorRequest.Forget(members.get(1).id().hex())));
    }

    @Test
    void aNodeThatComesBackElsewhereIsFoundThere() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine mover = members.get(2);
        mover.stop();
        neighbourhood.pass(300);
        GossipSettings old = mover.settings;
        mover.settings = GossipSettings.onPort(9000).withNodeTimeoutMs(old.nodeTimeoutMs());
        mover.start();
        neighbourhood.pass(2000);
        for (Machine member : members) {
            assertEquals(9000, member.sees(mover).port());
            assertTrue(member == mover || member.sees(mover).linked());
        }
    }

    @Test
    void whoLivesWhereAnotherNodeWasDoesNotPassForIt() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine gone = members.get(2);
        NodeId was = gone.id();
        gone.stop();
        gone.disk = null;
        gone.start();
        neighbourhood.pass(1000);
        assertTrue(members.get(0).view.node(was).is(NodeFlag.NOADDR));
        assertNull(members.get(0).view.node(gone.id()));
        assertFalse(members.get(0).view.node(was).linked());
    }

    @Test
    void namesAreToldAndTakenBack() {
        Machine one = neighbourhood.machine();
        Machine two = neighbourhood.machine();
        neighbourhood.meet(one, two);
        neighbourhood.pass(500);
        GossipSettings plain = two.settings;
        two.give(new Input.Reconfigured(new GossipSettings(
                1000, true, plain.port(), 0, plain.busPort(), false, "", "two.example.org", "number-two",
                ReplicaSettings.DEFAULT)));
        neighbourhood.pass(2000);
        assertEquals("two.example.org", one.sees(two).hostname());
        assertEquals("number-two", one.sees(two).humanName());
        two.give(new Input.Reconfigured(plain));
        neighbourhood.pass(2000);
        assertEquals("", one.sees(two).hostname());
    }

    @Test
    void aRestartRemembersTheClusterAndItsName() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine again = members.get(1);
        NodeId id = again.id();
        again.stop();
        neighbourhood.pass(300);
        again.start();
        assertEquals(id, again.id());
        assertEquals(3, again.view.nodes().size());
        neighbourhood.pass(2000);
        assertTrue(again.view.ok());
        assertTrue(members.get(0).sees(again).linked());
    }

    @Test
    void aHardResetMakesANewNodeOfIt() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine reset = members.get(1);
        NodeId id = reset.id();
        assertEquals("OK", reset.ask(new OperatorRequest.Reset(true)));
        assertEquals(1, reset.view.nodes().size());
        assertEquals(0, reset.view.currentEpoch());
        neighbourhood.pass(2000);
        assertEquals(1, reset.view.nodes().size());
        assertFalse(id.equals(reset.id()));
    }

    @Test
    void ofTooManyForgottenNodesTheOldestAreForgotten() {
        ClusterState state = new ClusterState(GossipSettings.onPort(7000), new Random(1));
        Blacklist blacklist = new Blacklist(state);
        NodeId first = NodeId.random(state.random);
        blacklist.add(first, 3600);
        NodeId last = first;
        for (int i = 0; i < 5000; i++) {
            last = NodeId.random(state.random);
            blacklist.add(last, 3600);
        }
        assertTrue(blacklist.contains(last));
        assertFalse(blacklist.contains(first));
    }
}
