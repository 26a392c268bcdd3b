package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Neighbourhood.Machine;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The end of a move that an operator makes slot by slot, while its source dies. Five primaries, one of them with a replica.
 */
final class ArrivalsTest {

    private static final int SLOT = 10;

    private final Neighbourhood hood = new Neighbourhood();
    private Machine source;
    private Machine target;
    private Machine replica;
    private Machine third;

    @BeforeEach
    void formACluster() {
        List<Machine> machines = hood.cluster(5);
        source = machines.get(0);
        target = machines.get(1);
        third = machines.get(2);
        replica = hood.machine();
        hood.meet(replica, source);
        hood.pass(1000);
        assertEquals("OK", replica.ask(new OperatorRequest.Replicate(source.id().hex(), false)));
        replica.give(new Input.Replicated(new ReplicationStatus(100, 0, true)));
        hood.pass(1000);
        open();
    }

    private void open() {
        OperatorRequest migrating = new OperatorRequest.SetSlotMigrating(SLOT, target.id().hex());
        assertEquals("OK", target.ask(new OperatorRequest.SetSlotImporting(SLOT, source.id().hex())));
        replica.ask(new OperatorRequest.FromPrimary(migrating));
        assertEquals("OK", source.ask(migrating));
    }

    private String close(Machine machine) {
        return machine.ask(new OperatorRequest.SetSlotNode(SLOT, target.id().hex(), false));
    }

    private Machine ownerSeenBy(Machine machine) {
        NodeId owner = machine.view.owner(SLOT).id();
        return hood.machines.stream().filter(each -> each.id().equals(owner)).findFirst().orElseThrow();
    }

    private void elect() {
        source.stop();
        for (int i = 0; i < 50 && replica.view.myself().is(NodeFlag.REPLICA); i++) {
            replica.give(new Input.Replicated(new ReplicationStatus(100, 0, true)));
            hood.pass(100);
        }
        assertTrue(replica.view.myself().isPrimary(), replica.log::toString);
    }

    /** The target's claim reaches nobody before the source's replica is elected. */
    @Test
    void aSlotThatTheSourcesSuccessorTakesBackIsOpenAgainAndKeepsItsKeys() {
        hood.isolate(target);
        close(target);
        assertEquals(target, ownerSeenBy(target));
        elect();
        hood.heal();
        hood.pass(3000);
        for (Machine each : List.of(target, replica, third)) {
            assertEquals(replica, ownerSeenBy(each));
        }
        assertEquals(List.of(), target.dropped, "all keys are here");
        assertEquals(replica.id(), target.view.importingFrom(SLOT).id());
        assertEquals(target.id(), replica.view.migratingTo(SLOT).id());

        assertEquals("OK", close(target));
        assertEquals("OK", close(replica));
        hood.pass(1000);
        assertEquals(target, ownerSeenBy(third));
        assertTrue(target.view.settled() && replica.view.settled());
    }

    /** The target's process ends before anybody else has heard of its claim. */
    @Test
    void aSlotThatHasJustComeKeepsItsKeysOverARestart() {
        hood.isolate(target);
        close(target);
        target.stop();
        target.start();
        elect();
        hood.heal();
        hood.pass(3000);
        assertEquals(replica, ownerSeenBy(target));
        assertEquals(List.of(), target.dropped, "all keys are here");
        assertEquals(replica.id(), target.view.importingFrom(SLOT).id());
        assertEquals(target.id(), replica.view.migratingTo(SLOT).id());
    }

    /** All slots of the source are claimed at once, in an epoch that is not the target's. */
    @Test
    void aSlotThatIsTakenBackAmongManyOthersKeepsItsKeys() {
        hood.isolate(target);
        close(target);
        third.ask(new OperatorRequest.BumpEpoch());
        hood.pass(1000);
        elect();
        hood.heal();
        hood.pass(3000);
        assertTrue(replica.view.myself().configEpoch() > target.view.myself().configEpoch());
        assertEquals(replica, ownerSeenBy(target));
        assertEquals(List.of(), target.dropped, "all keys are here");
        assertEquals(replica.id(), target.view.importingFrom(SLOT).id());
    }

    @Test
    void aSlotThatAMajorityKnowsOfStaysWhenTheSourceDies() {
        close(target);
        hood.pass(300);
        elect();
        hood.pass(1000);
        assertEquals(target, ownerSeenBy(replica));
        assertFalse(target.logged("not known"));
    }

    @Test
    void aSlotThatIsMovedBackAtOnceTakesItsKeysAlong() {
        close(target);
        close(source);
        target.ask(new OperatorRequest.SetSlotMigrating(SLOT, source.id().hex()));
        source.ask(new OperatorRequest.SetSlotImporting(SLOT, target.id().hex()));
        source.ask(new OperatorRequest.SetSlotNode(SLOT, source.id().hex(), false));
        hood.pass(1000);
        assertEquals(source, ownerSeenBy(target));
        assertNull(target.view.importingFrom(SLOT));
        assertEquals(List.of(SLOT), target.dropped);
    }

    /** A source that has not heard of the move takes another epoch meanwhile. */
    @Test
    void aSourceWithANewerEpochGetsTheSlotBackWithoutItsKeys() {
        hood.isolate(target);
        close(target);
        source.ask(new OperatorRequest.BumpEpoch());
        third.ask(new OperatorRequest.BumpEpoch());
        source.ask(new OperatorRequest.BumpEpoch());
        hood.heal();
        hood.pass(3000);
        assertEquals(source, ownerSeenBy(target));
        assertEquals(source.id(), target.view.importingFrom(SLOT).id());
        assertEquals(List.of(), target.dropped);
    }
}
