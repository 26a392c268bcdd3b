package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Neighbourhood.Machine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A hand-over whose source or target is replaced between the grant and the answer. Four primaries; the first two have a
 * replica each.
 */
final class InheritanceTest {

    private static final String JOB = "ab".repeat(20);
    private static final SlotBitmap SLOTS = SlotBitmap.range(10, 19);

    private final Neighbourhood hood = new Neighbourhood();
    private Machine source;
    private Machine target;
    private Machine third;
    private Machine sourcesReplica;
    private Machine targetsReplica;
    private long epoch;

    @BeforeEach
    void grant() {
        List<Machine> machines = hood.cluster(4);
        source = machines.get(0);
        target = machines.get(1);
        third = machines.get(2);
        sourcesReplica = replica(source);
        targetsReplica = replica(target);
        epoch = Long.parseLong(target.ask(new OperatorRequest.PrepareClaim(JOB, SLOTS, source.id())));
        assertEquals("OK", source.ask(new OperatorRequest.GrantSlots(JOB, SLOTS, target.id(), epoch)));
    }

    private Machine replica(Machine primary) {
        Machine replica = hood.machine();
        hood.meet(replica, primary);
        hood.pass(1000);
        assertEquals("OK", replica.ask(new OperatorRequest.Replicate(primary.id().hex(), false)));
        replicate(replica, 0);
        hood.pass(1000);
        return replica;
    }

    private static void replicate(Machine replica, long silenceMs) {
        replica.give(new Input.Replicated(new ReplicationStatus(100, silenceMs, true)));
    }

    private String claim(Machine asked, Machine asking) {
        return asked.ask(new OperatorRequest.ClaimSlots(JOB, SLOTS, asking.id(), epoch));
    }

    private void awaitElection(Machine replica, long silenceMs) {
        for (int i = 0; i < 100 && replica.view.myself().is(NodeFlag.REPLICA); i++) {
            replicate(replica, silenceMs);
            hood.pass(100);
        }
        assertTrue(replica.view.myself().isPrimary(), replica.log::toString);
        hood.pass(1000);
    }

    private void restartWithLess(Machine machine) {
        machine.start();
        machine.give(new Input.StartedBehind());
    }

    private void isEverywhere(Machine owner) {
        for (Machine machine : hood.machines) {
            if (machine.up) {
                assertEquals(owner.id(), machine.view.owner(15).id());
            }
        }
    }

    private static boolean isWitness(Machine machine) {
        return new String(machine.disk, StandardCharsets.ISO_8859_1).contains(" grants ");
    }

    @Test
    void aGrantIsKnownToAllUntilItIsOver() {
        assertTrue(isWitness(third));
        claim(target, source);
        assertEquals("OK", source.ask(new OperatorRequest.EndGrant(JOB)));
        hood.pass(3000);
        for (Machine machine : hood.machines) {
            assertFalse(isWitness(machine));
        }
    }

    @Test
    void theSuccessorOfTheSourceTakesBackWhatItHasWon() {
        source.stop();
        awaitElection(sourcesReplica, 0);
        assertTrue(sourcesReplica.logged("My predecessor may have granted slots 10-19"));
        assertEquals(HandOvers.NONE, sourcesReplica.view.handOvers());
        isEverywhere(sourcesReplica);
        assertEquals("ERR slot 10 is " + sourcesReplica.id() + "'s", claim(target, source));
    }

    /** It has heard the target's claim, which the target gives up since it has lost the data. */
    @Test
    void theSuccessorOfTheSourceTakesBackWhatTheTargetGivesUp() {
        targetsReplica.stop();
        hood.pass(2000);
        hood.isolate(target, source, sourcesReplica);
        claim(target, source);
        hood.pass(300);
        assertEquals(target.id(), sourcesReplica.view.owner(15).id());
        target.stop();
        source.stop();
        hood.heal();
        restartWithLess(target);
        targetsReplica.start();
        targetsReplica.give(new Input.StartedBehind());
        targetsReplica.give(new Input.Replicated(new ReplicationStatus(0, Long.MAX_VALUE, false)));
        awaitElection(sourcesReplica, 0);
        assertEquals(JOB, sourcesReplica.view.handOvers().grants().getFirst().job());
        assertEquals(List.of(), sourcesReplica.dropped, "the data is nowhere else");
        assertTrue(claim(target, sourcesReplica).startsWith(HandOvers.NO_CLAIM), target.log::toString);
        sourcesReplica.ask(new OperatorRequest.RevokeGrant(JOB));
        hood.pass(2000);
        assertEquals("OK", sourcesReplica.answer.text());
        assertEquals(HandOvers.NONE, sourcesReplica.view.handOvers());
        isEverywhere(sourcesReplica);
    }

    private void claimBeforeTheTargetDies() {
        hood.isolate(target, targetsReplica);
        claim(target, source);
        assertEquals(target.id(), targetsReplica.view.owner(15).id());
        target.stop();
    }

    @Test
    void theSuccessorOfTheTargetGoesOnWithTheClaim() {
        claimBeforeTheTargetDies();
        hood.heal();
        awaitElection(targetsReplica, 0);
        assertEquals(HandOvers.NONE, targetsReplica.view.handOvers());
        isEverywhere(targetsReplica);
        assertEquals(JOB, source.view.handOvers().grants().getFirst().job(), "the keys stay until it says so");
        assertEquals("OK", claim(targetsReplica, source));
    }

    @Test
    void aSuccessorOfTheTargetThatHasNotTheDataLeavesTheSlotsToTheSource() {
        claimBeforeTheTargetDies();
        targetsReplica.stop();
        hood.heal();
        restartWithLess(targetsReplica);
        replicate(targetsReplica, Long.MAX_VALUE);
        target.start();
        target.give(new Input.Replicated(new ReplicationStatus(50, 0, true)));
        target.give(new Input.StartedBehind());
        awaitElection(targetsReplica, Long.MAX_VALUE);
        assertTrue(targetsReplica.logged("Slots 10-19 are left to " + source.id()), targetsReplica.log::toString);
        assertFalse(targetsReplica.view.isMine(15));
        assertTrue(claim(targetsReplica, source).startsWith(HandOvers.NO_CLAIM));
        assertEquals("OK", source.ask(new OperatorRequest.RevokeGrant(JOB)));
        isEverywhere(source);
        assertTrue(targetsReplica.view.isMine(5000));
    }
}
