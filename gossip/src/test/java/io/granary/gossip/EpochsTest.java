package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.granary.gossip.Neighbourhood.Machine;
import io.granary.gossip.Peer.Subject;
import io.granary.gossip.wire.BusMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EpochsTest {

    @Test
    void theGreatestCurrentEpochIsTakenOver() {
        Subject subject = Subject.fresh();
        Peer peer = new Peer(subject, 'a');
        peer.currentEpoch = 9;
        peer.ping();
        assertEquals(9, subject.view.currentEpoch());
        peer.currentEpoch = 3;
        peer.ping();
        assertEquals(9, subject.view.currentEpoch());
    }

    @Test
    void ofTwoEqualsTheSmallerNameMoves() {
        Subject subject = Subject.fresh();
        Peer greater = new Peer(subject, 'a');
        assertEquals(1, subject.view.myself().configEpoch());
        greater.currentEpoch = 4;
        greater.configEpoch = 1;
        greater.ping();
        assertEquals(5, subject.view.myself().configEpoch());
        Peer smaller = new Peer(subject, '3');
        smaller.currentEpoch = 5;
        smaller.configEpoch = 5;
        smaller.ping();
        assertEquals(5, subject.view.myself().configEpoch());
    }

    @Test
    void manyNodesThatStartEqualEndDifferent() {
        Neighbourhood neighbourhood = new Neighbourhood();
        List<Machine> members = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            members.add(neighbourhood.machine());
            neighbourhood.meet(members.get(i), members.get(0));
        }
        neighbourhood.pass(15_000);
        Set<Long> epochs = new HashSet<>();
        for (Machine member : members) {
            epochs.add(member.view.myself().configEpoch());
            for (Machine other : members) {
                assertEquals(other.view.myself().configEpoch(), member.sees(other).configEpoch());
            }
        }
        assertEquals(7, epochs.size());
    }

    @Test
    void bumpingTakesANewEpochUnlessItHasTheGreatest() {
        Subject subject = Subject.fresh();
        assertEquals("BUMPED 1", subject.ask(new OperatorRequest.BumpEpoch()));
        assertEquals("STILL 1", subject.ask(new OperatorRequest.BumpEpoch()));
        Peer peer = new Peer(subject, 'a');
        peer.currentEpoch = 7;
        peer.configEpoch = 6;
        peer.ping();
        assertEquals("BUMPED 8", subject.ask(new OperatorRequest.BumpEpoch()));
    }

    @Test
    void anOperatorSetsTheEpochOfALonelyNodeOnce() {
        Subject subject = Subject.fresh();
        assertEquals("OK", subject.ask(new OperatorRequest.SetConfigEpoch(5)));
        assertEquals(5, subject.view.currentEpoch());
        assertEquals("ERR Node config epoch is already non-zero", subject.ask(new OperatorRequest.SetConfigEpoch(6)));
        Peer peer = new Peer(subject, 'a');
        peer.ping();
        assertEquals(
                "ERR The user can assign a config epoch only when the node does not know any other node.",
                subject.ask(new OperatorRequest.SetConfigEpoch(6)));
    }

    @Test
    void aNewEpochIsToldWhenItIsOnDiskAndThenToAll() {
        Subject subject = Subject.fresh();
        Peer peer = new Peer(subject, '3');
        peer.currentEpoch = 7;
        peer.ping();
        subject.savesAtOnce = false;
        subject.ask(new OperatorRequest.BumpEpoch());
        Output.Save save = (Output.Save) subject.outputs.getLast();
        peer.ping();
        assertEquals(0, subject.sent(BusMessage.Heartbeat.class).getLast().header().configEpoch());
        subject.outputs.clear();
        subject.give(new Input.Saved(save.generation()));
        assertEquals(8, subject.sent(BusMessage.Heartbeat.class).getFirst().header().configEpoch());
        assertEquals(new Output.Answer(1, "BUMPED 8", null), subject.outputs.getFirst());
    }

    @Test
    void whoMayHaveLostItsEpochTakesANewOneOnceItsClaimsAreConfirmed() {
        NodeId id = new NodeId("5".repeat(40));
        NodesFile file = new NodesFile(
                List.of(new NodesFile.Entry(id, "", 1, 0, 2, "", "", id.hex(), Set.of(NodeFlag.MYSELF, NodeFlag.PRIMARY),
                        null, 0, 0, 4, true, SlotBitmap.of(5))),
                Map.of(), Map.of(), 6, 0);
        Subject damaged = Subject.restored(file, "cut off");
        assertEquals(4, damaged.view.myself().configEpoch());
        damaged.pass(100);
        assertEquals(7, damaged.view.myself().configEpoch());
        Subject whole = Subject.restored(file, null);
        whole.pass(1000);
        assertEquals(4, whole.view.myself().configEpoch());
    }
}
