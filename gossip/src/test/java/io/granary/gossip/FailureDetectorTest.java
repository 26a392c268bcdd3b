package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Neighbourhood.Machine;
import io.granary.gossip.wire.BusMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FailureDetectorTest {

    private final Neighbourhood neighbourhood = new Neighbourhood();

    @Test
    void aMajorityThatSuspectsANodeAgreesThatItFailed() {
        List<Machine> members = neighbourhood.cluster(3);
        members.get(2).stop();
        neighbourhood.pass(900);
        assertFalse(members.get(0).sees(members.get(2)).is(NodeFlag.PFAIL));
        neighbourhood.pass(1500);
        for (Machine member : members.subList(0, 2)) {
            assertTrue(member.sees(members.get(2)).is(NodeFlag.FAIL));
            assertFalse(member.sees(members.get(2)).is(NodeFlag.PFAIL));
            assertFalse(member.view.ok());
        }
        assertTrue(members.stream().anyMatch(m -> m.sent.stream().anyMatch(BusMessage.Fail.class::isInstance)));
    }

    @Test
    void aMinorityOnlySuspects() {
        List<Machine> members = neighbourhood.cluster(3);
        neighbourhood.isolate(members.get(0));
        neighbourhood.pass(5000);
        Machine alone = members.get(0);
        for (Machine other : members.subList(1, 3)) {
            assertTrue(alone.sees(other).is(NodeFlag.PFAIL));
            assertFalse(alone.sees(other).is(NodeFlag.FAIL));
            assertTrue(other.sees(alone).is(NodeFlag.FAIL));
        }
        assertFalse(alone.view.ok());
    }

    @Test
    void reportsOfNodesWithoutSlotsDoNotCount() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine slotless = neighbourhood.machine();
        neighbourhood.meet(slotless, members.get(0));
        neighbourhood.pass(2000);
        neighbourhood.isolate(members.get(0), slotless);
        neighbourhood.pass(4000);
        assertTrue(members.get(0).sees(members.get(1)).is(NodeFlag.PFAIL));
        assertFalse(members.get(0).sees(members.get(1)).is(NodeFlag.FAIL));
    }

    @Test
    void aFailedPrimaryThatAnswersIsClearedAfterTwoTimeouts() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine back = members.get(2);
        back.stop();
        neighbourhood.pass(2400);
        assertTrue(members.get(0).sees(back).is(NodeFlag.FAIL));
        back.start();
        neighbourhood.pass(500);
        assertTrue(members.get(0).sees(back).is(NodeFlag.FAIL));
        neighbourhood.pass(4000);
        assertFalse(members.get(0).sees(back).is(NodeFlag.FAIL));
        for (Machine member : members) {
            assertTrue(member.view.ok());
        }
    }

    @Test
    void aFailedNodeWithoutSlotsIsClearedAtOnce() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine slotless = neighbourhood.machine();
        neighbourhood.meet(slotless, members.get(0));
        neighbourhood.pass(2000);
        slotless.stop();
        neighbourhood.pass(2400);
        assertTrue(members.get(0).sees(slotless).is(NodeFlag.FAIL));
        slotless.start();
        neighbourhood.pass(400);
        assertFalse(members.get(0).sees(slotless).is(NodeFlag.FAIL));
    }

    @Test
    void whoStoodStillSuspectsNobody() {
        List<Machine> members = neighbourhood.cluster(3);
        Machine paused = members.get(0);
        paused.paused = true;
        neighbourhood.pass(800);
        paused.paused = false;
        paused.give(new Input.Tick());
        assertFalse(paused.sees(members.get(1)).is(NodeFlag.PFAIL));
        assertFalse(paused.sees(members.get(2)).is(NodeFlag.PFAIL));
    }

    @Test
    void reportsAreCountedForOperators() {
        List<Machine> members = neighbourhood.cluster(5);
        Machine gone = members.get(4);
        gone.stop();
        neighbourhood.pass(3000);
        assertEquals("3", members.get(0).ask(new OperatorRequest.CountFailureReports(gone.id().hex())));
        assertEquals("0", members.get(0).ask(new OperatorRequest.CountFailureReports(members.get(1).id().hex())));
        assertEquals("ERR Unknown node x", members.get(0).ask(new OperatorRequest.CountFailureReports("x")));
    }
}
