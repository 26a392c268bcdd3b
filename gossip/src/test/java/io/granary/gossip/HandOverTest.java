package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Neighbourhood.Machine;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each step of a hand-over between two machines of three, and what becomes of it when the other side does not answer. */
final class HandOverTest {

    private static final String JOB = "ab".repeat(20);
    private static final SlotBitmap SLOTS = SlotBitmap.range(10, 19);

    private final Neighbourhood hood = new Neighbourhood();
    private Machine source;
    private Machine target;
    private Machine third;

    @BeforeEach
    void formACluster() {
        List<Machine> machines = hood.cluster(3);
        source = machines.get(2);
        target = machines.get(1);
        third = machines.get(0);
        // the slots are the source's, whose epoch is the greatest: the target needs a new one
        for (int slot = SLOTS.next(0); slot >= 0; slot = SLOTS.next(slot + 1)) {
            third.ask(new OperatorRequest.SetSlotNode(slot, source.id().hex(), false));
            source.ask(new OperatorRequest.SetSlotImporting(slot, third.id().hex()));
            source.ask(new OperatorRequest.SetSlotNode(slot, source.id().hex(), false));
        }
        hood.pass(1000);
    }

    private long prepare() {
        return Long.parseLong(target.ask(new OperatorRequest.PrepareClaim(JOB, SLOTS, source.id())));
    }

    private String grant(long epoch) {
        return source.ask(new OperatorRequest.GrantSlots(JOB, SLOTS, target.id(), epoch));
    }

    private String claim(long epoch) {
        return target.ask(new OperatorRequest.ClaimSlots(JOB, SLOTS, source.id(), epoch));
    }

    private boolean isEverywhere(Machine owner) {
        return hood.machines.stream().allMatch(machine -> machine.view.owner(15).id().equals(owner.id()));
    }

    @Test
    void slotsGoFromOneToTheOther() {
        long epoch = prepare();
        assertEquals(JOB, target.view.handOvers().imports().getFirst().job());
        assertEquals("OK", grant(epoch));
        assertEquals(SLOTS, source.view.handOvers().frozen());
        assertEquals("OK", claim(epoch));
        assertTrue(isEverywhere(target));
        assertEquals(HandOvers.NONE, target.view.handOvers());
        assertTrue(source.dropped.isEmpty(), "the keys stay until the target is known to have the slots");
        assertEquals("OK", source.ask(new OperatorRequest.EndGrant(JOB)));
        assertEquals(10, source.dropped.size());
        assertEquals(HandOvers.NONE, source.view.handOvers());
        assertEquals("OK", claim(epoch), "asked again, after all is over");
    }

    @Test
    void aTargetThatForgotSaysNoAndTheSourceGoesOn() {
        long epoch = prepare();
        grant(epoch);
        target.stop();
        target.start();
        hood.pass(2000);
        assertTrue(target.view.handOvers().imports().getFirst().stale());
        assertTrue(claim(epoch).startsWith(HandOvers.NO_CLAIM));
        assertEquals("OK", source.ask(new OperatorRequest.RevokeGrant(JOB)));
        assertEquals(HandOvers.NONE, source.view.handOvers());
        assertTrue(isEverywhere(source));
        assertEquals(epoch + 1, source.sees(source).configEpoch());
        assertEquals("OK", target.ask(new OperatorRequest.ForgetImport(JOB)));
        assertEquals(HandOvers.NONE, target.view.handOvers());
    }

    @Test
    void aGrantOutlivesTheSource() {
        long epoch = prepare();
        grant(epoch);
        source.stop();
        source.start();
        hood.pass(2000);
        assertEquals(SLOTS, source.view.handOvers().frozen());
        assertEquals(epoch, source.view.handOvers().grants().getFirst().epoch());
        assertEquals("OK", claim(epoch));
        assertTrue(isEverywhere(target));
    }

    @Test
    void nothingIsGrantedWithoutAMajority() {
        long epoch = prepare();
        hood.isolate(source);
        assertNull(grant(epoch));
        hood.pass(1200);
        assertTrue(source.answer.error().contains("no majority"), source.answer.error());
        assertEquals(HandOvers.NONE, source.view.handOvers());
    }

    @Test
    void nothingIsWrittenBeforeAMajorityKnowsOfTheClaim() {
        long epoch = prepare();
        grant(epoch);
        hood.isolate(target);
        assertNull(claim(epoch));
        hood.pass(300);
        assertEquals(SLOTS, target.view.handOvers().frozen());
        assertFalse(isEverywhere(target));
        hood.heal();
        hood.pass(3000);
        assertNotNull(target.answer);
        assertEquals(HandOvers.NONE, target.view.handOvers());
        assertTrue(isEverywhere(target));
    }

    @Test
    void anEpochThatIsNotGreaterIsNotGrantedAndAnotherOneNotClaimed() {
        long epoch = prepare();
        assertTrue(grant(source.sees(source).configEpoch()).contains("is not greater"));
        grant(epoch);
        assertTrue(claim(epoch + 1).startsWith(HandOvers.NO_CLAIM));
        assertTrue(claim(epoch).startsWith(HandOvers.NO_CLAIM), "no is no for good");
    }

    @Test
    void allClaimsThatWaitForAnotherAreAnswered() {
        long epoch = prepare();
        grant(epoch);
        hood.isolate(target);
        claim(epoch);
        List<String> unknown = List.of("cd".repeat(20), "ef".repeat(20));
        for (String job : unknown) {
            assertNull(target.ask(new OperatorRequest.ClaimSlots(job, SlotBitmap.of(16_000), source.id(), epoch)));
        }
        hood.heal();
        hood.pass(3000);
        for (String job : unknown) {
            assertEquals("OK", target.ask(new OperatorRequest.ForgetImport(job)), "nobody waits for it any more");
        }
        assertEquals(HandOvers.NONE, target.view.handOvers());
    }

    @Test
    void theSourceIsToldOfSlotsThatHaveGoneOnMeanwhile() {
        long epoch = prepare();
        grant(epoch);
        source.stop();
        claim(epoch);
        hood.pass(1000);
        assertEquals(HandOvers.NONE, target.view.handOvers());
        String next = "cd".repeat(20);
        SlotBitmap part = SlotBitmap.of(10);
        third.ask(new OperatorRequest.PrepareClaim(next, part, target.id()));
        hood.pass(1000);
        long later = Long.parseLong(third.answer.text());
        target.ask(new OperatorRequest.GrantSlots(next, part, third.id(), later));
        third.ask(new OperatorRequest.ClaimSlots(next, part, target.id(), later));
        hood.pass(1000);
        assertEquals(HandOvers.NONE, third.view.handOvers());
        assertEquals("OK", target.ask(new OperatorRequest.EndGrant(next)));
        source.start();
        hood.pass(2000);
        assertEquals(JOB, source.view.handOvers().grants().getFirst().job());
        assertEquals("OK", claim(epoch));
        assertEquals("OK", source.ask(new OperatorRequest.EndGrant(JOB)));
        assertEquals(HandOvers.NONE, source.view.handOvers());
    }
}
