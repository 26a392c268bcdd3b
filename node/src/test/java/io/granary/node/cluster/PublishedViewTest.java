package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a view is shown, and keys of lost slots are deleted. */
class PublishedViewTest {

    /** A task of the bus's thread for later. */
    private record Delayed(Runnable task, long delayMs) {}

    private final List<int[]> dropped = new ArrayList<>();
    private final List<Delayed> delayed = new ArrayList<>();
    private final List<Runnable> promotions = new ArrayList<>();
    private final PublishedView shown =
            new PublishedView(dropped::add, (task, delayMs) -> delayed.add(new Delayed(task, delayMs)), Clock.SYSTEM);
    private final ReplicationOrders replication = new LoneReplication() {
        @Override
        public void promote(Runnable done) {
            promotions.add(done);
        }
    };

    private static ClusterView view(Integer... migrating) {
        NodeView me = new NodeView(
                new NodeId("a".repeat(40)), "127.0.0.1", 1, 0, 2, "", "", "", Set.of(), null, 0, 0, 1, true, 0);
        Map<Integer, NodeView> open = new HashMap<>();
        for (Integer slot : migrating) {
            open.put(slot, me);
        }
        return MadeUpView.of(me, List.of(me), new NodeView[ClusterView.SLOTS], open, Map.of(), true, 1, 1);
    }

    @Test
    void theOldViewIsShownAndNoKeyDeletedUntilThePromotionIsDone() {
        ClusterView before = view();
        ClusterView after = view();
        shown.publish(before, replication);
        shown.promote(replication);
        shown.publish(after, replication);
        shown.drop(new int[] {1});
        assertThat(shown.view()).isSameAs(before);
        assertThat(dropped).isEmpty();
        promotions.getFirst().run();
        assertThat(shown.view()).as("on the bus's thread only").isSameAs(before);
        delayed.getFirst().task().run();
        assertThat(shown.view()).isSameAs(after);
        assertThat(dropped).containsExactly(new int[] {1});
    }

    @Test
    void keysOfASlotThatWasOnItsWayAreKeptForAWhile() {
        shown.publish(view(1), replication);
        shown.publish(view(), replication);
        shown.drop(new int[] {1, 2});
        assertThat(dropped).containsExactly(new int[] {2});
        assertThat(delayed.getFirst().delayMs()).isPositive();
        delayed.getFirst().task().run();
        assertThat(dropped).containsExactly(new int[] {2}, new int[] {1});
    }

    @Test
    void whoeverWaitsForAViewThatDoesNotComeGetsTheLastOne() throws InterruptedException {
        ClusterView only = view();
        shown.publish(only, replication);
        assertThat(shown.await(_ -> false, 5)).isSameAs(only);
        assertThat(shown.await(_ -> true, Long.MAX_VALUE)).isSameAs(only);
    }
}
