package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Neighbourhood.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClusterHealthTest {

    private final Neighbourhood neighbourhood = new Neighbourhood();

    @Test
    void aNodeThatGetsAllSlotsServesAtOnce() {
        Machine one = neighbourhood.machine();
        assertFalse(one.view.ok());
        one.ask(new OperatorRequest.AddSlots(Neighbourhood.share(0, 1)));
        assertTrue(one.view.ok());
        assertTrue(one.logged("Cluster state changed: ok"));
        one.ask(new OperatorRequest.DelSlots(new int[] {16383}));
        assertFalse(one.view.ok());
        assertTrue(one.logged("Cluster state changed: fail"));
    }

    @Test
    void aNewClusterServesAsSoonAsItKnowsItself() {
        Machine one = neighbourhood.machine();
        Machine two = neighbourhood.machine();
        one.ask(new OperatorRequest.AddSlots(Neighbourhood.share(0, 2)));
        two.ask(new OperatorRequest.AddSlots(Neighbourhood.share(1, 2)));
        neighbourhood.meet(one, two);
        neighbourhood.pass(100);
        assertTrue(one.view.ok() && two.view.ok());
        assertEquals(2, one.view.size());
    }

    @Test
    void withoutFullCoverageAMajorityIsEnough() {
        Machine one = neighbourhood.machine();
        one.ask(new OperatorRequest.AddSlots(new int[] {1}));
        assertFalse(one.view.ok());
        GossipSettings strict = one.settings;
        one.give(new Input.Reconfigured(
                new GossipSettings(
                        1000, false, strict.port(), 0, strict.busPort(), false, "", "", "", ReplicaSettings.DEFAULT)));
        assertTrue(one.view.ok());
    }

    @Test
    void aMinorityDoesNotServe() {
        List<Machine> members = neighbourhood.cluster(3);
        assertTrue(members.get(0).view.ok());
        neighbourhood.isolate(members.get(0));
        neighbourhood.pass(2000);
        assertFalse(members.get(0).view.ok());
    }

    @Test
    void whoComesBackFromAMinorityServesOnceAMajorityDidNotObject() {
        List<Machine> members = neighbourhood.cluster(5);
        Machine alone = members.get(0);
        neighbourhood.isolate(alone);
        neighbourhood.pass(1800);
        assertFalse(alone.view.ok());
        neighbourhood.heal();
        long healedMs = neighbourhood.nowMs();
        boolean reachable = false;
        while (!alone.view.ok() && neighbourhood.nowMs() - healedMs < 10_000) {
            neighbourhood.pass(100);
            reachable |= members.subList(1, 5).stream().allMatch(other -> !alone.sees(other).is(NodeFlag.PFAIL));
        }
        assertTrue(reachable);
        assertTrue(neighbourhood.nowMs() - healedMs >= 500, "served before anybody could object");
        assertTrue(neighbourhood.nowMs() - healedMs < 5000);
    }

    @Test
    void aRestartedPrimaryAsksAMajorityBeforeItServes() {
        List<Machine> members = neighbourhood.cluster(3);
        members.forEach(Machine::stop);
        Machine first = members.get(0);
        first.start();
        neighbourhood.pass(3000);
        assertFalse(first.view.ok());
        members.get(1).start();
        members.get(2).start();
        long startedMs = neighbourhood.nowMs();
        while (!first.view.ok() && neighbourhood.nowMs() - startedMs < 10_000) {
            neighbourhood.pass(100);
        }
        assertTrue(neighbourhood.nowMs() - startedMs >= 500);
        assertTrue(neighbourhood.nowMs() - startedMs <= 2500, () -> "took " + (neighbourhood.nowMs() - startedMs));
    }

    @Test
    void aRestartedPrimaryThatWasReplacedNeverServes() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine old = members.get(0);
        Machine heir = members.get(1);
        old.stop();
        neighbourhood.pass(300);
        // What a failover leaves behind: the slots are the heir's, in a greater epoch.
        for (int slot = 0; slot < 10; slot++) {
            heir.ask(new OperatorRequest.SetSlotImporting(slot, old.id().hex()));
            heir.ask(new OperatorRequest.SetSlotNode(slot, heir.id().hex(), false));
        }
        heir.ask(new OperatorRequest.BumpEpoch());
        old.start();
        for (int i = 0; i < 30; i++) {
            assertFalse(old.view.ok() && old.view.isMine(0), "serves what it lost");
            neighbourhood.pass(100);
        }
        assertTrue(old.view.ok());
        assertEquals(10, old.dropped.size());
    }

    @Test
    void aPrimaryThatStoodStillAsksBeforeItServesAgain() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine paused = members.get(0);
        paused.paused = true;
        neighbourhood.pass(1500);
        paused.paused = false;
        paused.give(new Input.Tick());
        assertFalse(paused.view.ok());
        neighbourhood.pass(4000);
        assertTrue(paused.view.ok());
    }
}
