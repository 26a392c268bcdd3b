package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusMessage;
import io.granary.gossip.wire.MessageType;
import io.granary.gossip.wire.PingExtension;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OperatorsTest {

    private final Subject subject = Subject.fresh();
    private final String me = subject.gossip.myself().hex();

    private String add(int... slots) {
        return subject.ask(new OperatorRequest.AddSlots(slots));
    }

    private String del(int... slots) {
        return subject.ask(new OperatorRequest.DelSlots(slots));
    }

    @Test
    void slotsAreAddedAllOrNone() {
        assertEquals("OK", add(3, 4));
        assertEquals("ERR Slot 3 is already busy", add(2, 3));
        assertEquals("ERR Slot 5 specified multiple times", add(5, 5));
        assertNull(subject.view.owner(2));
        assertNull(subject.view.owner(5));
    }

    @Test
    void slotsAreDeletedAllOrNone() {
        add(3, 4);
        assertEquals("ERR Slot 5 is already unassigned", del(3, 5));
        assertEquals("ERR Slot 3 specified multiple times", del(3, 3));
        assertTrue(subject.view.isMine(3));
        assertEquals("OK", del(3));
        assertNull(subject.view.owner(3));
        assertEquals("OK", subject.ask(new OperatorRequest.FlushSlots()));
        assertNull(subject.view.owner(4));
    }

    @Test
    void aSlotIsOpenedOnBothSidesAndClosed() {
        Peer peer = new Peer(subject, 'a');
        peer.currentEpoch = 4;
        peer.configEpoch = 4;
        peer.slots = SlotBitmap.of(7);
        peer.ping();
        add(3, 4);
        String other = peer.id.hex();
        assertEquals("ERR I'm not the owner of hash slot 7", subject.ask(new OperatorRequest.SetSlotMigrating(7, other)));
        assertEquals(
                "ERR I'm already the owner of hash slot 3",
                subject.ask(new OperatorRequest.SetSlotImporting(3, other)));
        assertEquals("ERR I don't know about node x", subject.ask(new OperatorRequest.SetSlotMigrating(3, "x")));
        assertEquals("OK", subject.ask(new OperatorRequest.SetSlotMigrating(3, other)));
        assertEquals("OK", subject.ask(new OperatorRequest.SetSlotImporting(7, other)));
        assertEquals(peer.id, subject.view.migratingTo(3).id());
        assertEquals(peer.id, subject.view.importingFrom(7).id());
        assertFalse(subject.view.settled());
        assertEquals(
                "ERR Can't assign hashslot 3 to a different node while I still hold keys for this hash slot.",
                subject.ask(new OperatorRequest.SetSlotNode(3, other, true)));
        assertEquals("ERR Unknown node x", subject.ask(new OperatorRequest.SetSlotNode(3, "x", false)));
        assertEquals("OK", subject.ask(new OperatorRequest.SetSlotNode(3, other, false)));
        assertEquals(peer.id, subject.view.owner(3).id());
        long epoch = subject.view.myself().configEpoch();
        assertEquals("OK", subject.ask(new OperatorRequest.SetSlotNode(7, me, true)));
        assertTrue(subject.view.isMine(7) && subject.view.settled());
        assertTrue(subject.view.myself().configEpoch() > epoch);
        assertFalse(subject.sent(BusMessage.Heartbeat.class).isEmpty());
    }

    @Test
    void aReplicaIsNoTarget() {
        Peer peer = new Peer(subject, 'a');
        Peer replica = new Peer(subject, 'b');
        replica.primary = peer.id;
        replica.ping();
        add(3);
        assertEquals("ERR Target node is not a master",
                subject.ask(new OperatorRequest.SetSlotMigrating(3, replica.id.hex())));
        assertEquals("ERR Target node is not a master",
                subject.ask(new OperatorRequest.SetSlotNode(3, replica.id.hex(), false)));
    }

    private String fromPrimary(OperatorRequest request) {
        return subject.ask(new OperatorRequest.FromPrimary(request));
    }

    @Test
    void aRehearsalChangesNothing() {
        Peer peer = new Peer(subject, 'a');
        peer.ping();
        add(3);
        OperatorRequest request = new OperatorRequest.SetSlotMigrating(3, peer.id.hex());
        assertEquals("OK", subject.ask(new OperatorRequest.Rehearse(request)));
        assertTrue(subject.view.settled());
        assertEquals("ERR I'm not the owner of hash slot 4",
                subject.ask(new OperatorRequest.Rehearse(new OperatorRequest.SetSlotMigrating(4, peer.id.hex()))));
    }

    @Test
    void aReplicaKnowsTheOpenSlotsOfItsPrimary() {
        Peer primary = new Peer(subject, 'a');
        Peer other = new Peer(subject, 'b');
        primary.slots = SlotBitmap.of(3);
        primary.configEpoch = 1;
        primary.ping();
        other.slots = SlotBitmap.of(7, 8);
        other.configEpoch = 2;
        other.ping();
        subject.ask(new OperatorRequest.Replicate(primary.id.hex(), false));
        assertEquals("ERR Please use SETSLOT only with masters.",
                subject.ask(new OperatorRequest.SetSlotMigrating(3, other.id.hex())));
        assertEquals("OK", fromPrimary(new OperatorRequest.SetSlotMigrating(3, other.id.hex())));
        assertEquals("OK", fromPrimary(new OperatorRequest.SetSlotImporting(7, other.id.hex())));
        assertEquals("OK", fromPrimary(new OperatorRequest.SetSlotImporting(8, other.id.hex())));
        assertEquals("OK", fromPrimary(new OperatorRequest.SetSlotImporting(9, "unknown")));
        assertEquals(other.id, subject.view.migratingTo(3).id());
        assertEquals(Map.of(7, other.seen(), 8, other.seen()), subject.view.importing());
        assertFalse(ClusterNodesText.render(subject.view, false, true).contains("["));

        assertEquals("OK", fromPrimary(new OperatorRequest.SetSlotNode(7, primary.id.hex(), true)));
        assertEquals(primary.id, subject.view.owner(7).id());
        primary.slots = SlotBitmap.of(3, 7, 8);
        primary.configEpoch = 3;
        primary.ping();
        assertEquals(Map.of(), subject.view.importing());
        assertEquals("OK", fromPrimary(new OperatorRequest.SetSlotNode(3, other.id.hex(), false)));
        assertTrue(subject.view.settled());
    }

    @Test
    void anOpenSlotFollowsTheShardAtItsOtherEnd() {
        Peer peer = new Peer(subject, 'a');
        peer.slots = SlotBitmap.of(7, 8);
        peer.configEpoch = 2;
        peer.ping();
        Peer heir = new Peer(subject, 'b');
        heir.primary = peer.id;
        heir.heartbeat(heir.link, MessageType.PING, List.of(),
                List.of(new PingExtension.ShardId(peer.seen().shard())));
        add(3);
        subject.ask(new OperatorRequest.SetSlotMigrating(3, peer.id.hex()));
        subject.ask(new OperatorRequest.SetSlotImporting(8, peer.id.hex()));
        heir.primary = null;
        heir.slots = SlotBitmap.of(7, 8);
        heir.configEpoch = 3;
        heir.ping();
        assertEquals(heir.id, subject.view.migratingTo(3).id());
        assertEquals(heir.id, subject.view.importingFrom(8).id());
        assertEquals(heir.id, subject.view.owner(7).id());
        assertEquals(heir.id, subject.view.owner(8).id());
    }

    @Test
    void aChangeIsAnsweredWhenItIsOnDisk() {
        subject.savesAtOnce = false;
        assertNull(add(1));
        Output.Save save = (Output.Save) subject.outputs.getLast();
        subject.give(new Input.Saved(save.generation()));
        assertEquals(new Output.Answer(1, "OK", null), subject.outputs.getLast());
    }

    @Test
    void aSlotThatMovesIsWrittenAtOnceAndSyncedWithTheNextTick() {
        Peer peer = new Peer(subject, 'a');
        peer.configEpoch = 4;
        peer.slots = SlotBitmap.of(7);
        peer.ping();
        add(1, 2);
        subject.savesAtOnce = false;
        List<OperatorRequest> requests = List.of(
                new OperatorRequest.SetSlotMigrating(1, peer.id.hex()), new OperatorRequest.SetSlotStable(1),
                new OperatorRequest.SetSlotImporting(7, peer.id.hex()),
                new OperatorRequest.SetSlotNode(1, peer.id.hex(), false));
        for (OperatorRequest request : requests) {
            assertNull(subject.ask(request), "answered before it is written: " + request);
            Output.Save save = lastSave();
            assertFalse(save.synced(), request.toString());
            subject.give(new Input.Saved(save.generation()));
            assertEquals("OK", ((Output.Answer) subject.outputs.getLast()).text());
        }
        subject.pass(100);
        assertTrue(lastSave().synced());
    }

    @Test
    void theEpochInWhichASlotArrivesIsOnDiskBeforeAnybodyIsToldOfIt() {
        Peer peer = new Peer(subject, 'a');
        peer.configEpoch = 4;
        peer.slots = SlotBitmap.of(7, 8);
        peer.ping();
        subject.ask(new OperatorRequest.SetSlotImporting(7, peer.id.hex()));
        subject.savesAtOnce = false;
        assertNull(subject.ask(new OperatorRequest.SetSlotNode(7, me, false)));
        assertTrue(lastSave().synced());
    }

    private Output.Save lastSave() {
        return subject.outputs.stream().filter(Output.Save.class::isInstance).map(Output.Save.class::cast)
                .reduce((_, last) -> last).orElseThrow();
    }

    @Test
    void aFullDiskRefusesChangesUntilItCanStoreAgain() {
        subject.savesAtOnce = false;
        add(1);
        Output.Save save = (Output.Save) subject.outputs.getLast();
        subject.give(new Input.SaveFailed(save.generation(), "No space left on device"));
        String error = "ERR error saving the cluster node config: No space left on device";
        assertEquals(new Output.Answer(1, null, error), subject.outputs.getLast());
        assertEquals(error, add(2));
        assertNull(subject.view.owner(2));
        subject.savesAtOnce = true;
        subject.pass(1200);
        assertEquals("OK", add(2));
    }

    @Test
    void theTextsAreThoseThatClientsParse() {
        Peer peer = new Peer(subject, 'a');
        peer.configEpoch = 4;
        peer.currentEpoch = 4;
        peer.slots = SlotBitmap.of(7, 9);
        peer.ping();
        add(1, 2, 3, 5);
        subject.ask(new OperatorRequest.SetSlotMigrating(3, peer.id.hex()));
        subject.ask(new OperatorRequest.SetSlotImporting(7, peer.id.hex()));
        long pongMs = peer.seen().pongReceivedMs();
        assertEquals(
                me + " 10.0.0.5:7000@17000 myself,master - 0 0 1 connected 1-3 5 [3->-" + peer.id + "] [7-<-"
                        + peer.id + "]\n" + peer.id + " 10.0.0.9:7097@17097 master - 0 " + pongMs + " 4 connected 7 9\n",
                ClusterNodesText.render(subject.view, false, true));
        assertEquals(
                peer.id + " 10.0.0.9:0@17097 master - 0 " + pongMs + " 4 connected 7 9",
                ClusterNodesText.line(subject.view, subject.view.node(peer.id), true, true));
        subject.pass(1000);
        String info = ClusterInfoText.render(subject.view, 3);
        assertTrue(info.startsWith("cluster_state:fail\r\ncluster_slots_assigned:6\r\ncluster_slots_ok:6\r\n"
                + "cluster_slots_pfail:0\r\ncluster_slots_fail:0\r\ncluster_known_nodes:2\r\ncluster_size:2\r\n"
                + "cluster_current_epoch:4\r\ncluster_my_epoch:1\r\ncluster_stats_messages_ping_sent:"), info);
        assertTrue(info.contains("\r\ncluster_stats_messages_meet_sent:1\r\n"), info);
        assertTrue(info.contains("\r\ncluster_stats_messages_pong_received:1\r\n"), info);
        assertTrue(info.contains("\r\ncluster_stats_messages_received:2\r\n"), info);
        assertTrue(info.endsWith("\r\ntotal_cluster_links_buffer_limit_exceeded:3\r\n"), info);
    }

    @Test
    void whatIsForgottenLeavesNothingOpen() {
        Peer peer = new Peer(subject, 'a');
        peer.slots = SlotBitmap.of(7);
        peer.ping();
        add(1);
        subject.ask(new OperatorRequest.SetSlotMigrating(1, peer.id.hex()));
        assertEquals("OK", subject.ask(new OperatorRequest.Forget(peer.id.hex())));
        assertEquals(Map.of(), subject.view.migrating());
        assertNull(subject.view.owner(7));
        assertEquals(0, subject.view.links().size());
    }
}
