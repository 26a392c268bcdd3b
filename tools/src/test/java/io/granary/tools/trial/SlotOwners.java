package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who owns which slot in the eyes of each node of a cluster, and who holds keys of slots that are not its own. */
final class SlotOwners {

    private static final int SECONDS = 90;

    private final TrialCluster cluster;

    SlotOwners(TrialCluster cluster) {
        this.cluster = cluster;
    }

    /** The node that the first one takes for the owner. */
    TrialNode of(int slot) throws IOException {
        String id = seenBy(cluster.nodes().getFirst()).get(slot);
        for (TrialNode node : cluster.nodes()) {
            if (node.ask("CLUSTER", "MYID").equals(id)) {
                return node;
            }
        }
        throw new IOException("nobody owns slot " + slot);
    }

    /** A primary that does not own the slot. */
    TrialNode anotherThan(int slot) throws IOException {
        TrialNode owner = of(slot);
        return cluster.primaries().stream().filter(node -> node != owner).findFirst().orElseThrow();
    }

    private static Map<Integer, String> seenBy(TrialNode node) throws IOException {
        Map<Integer, String> owners = new TreeMap<>();
        for (NodeEntry entry : TrialCluster.view(node)) {
            for (SlotRange range : entry.slots()) {
                for (int slot = range.first(); slot <= range.last(); slot++) {
                    owners.put(slot, entry.id());
                }
            }
        }
        return owners;
    }

    /** Waits until every slot has an owner, and the same one in the eyes of all nodes. */
    void awaitAgreement() throws IOException {
        assertThat(Deadline.inSeconds(SECONDS).await(this::agree)).as("the nodes agree who owns what").isTrue();
    }

    private boolean agree() throws IOException {
        Map<Integer, String> first = seenBy(cluster.nodes().getFirst());
        boolean same = first.size() == Slot.COUNT;
        for (TrialNode node : cluster.nodes()) {
            same &= seenBy(node).equals(first);
        }
        return same;
    }

    /** Waits until no node holds keys of these slots that neither owns them nor follows their owner. */
    void awaitNoLeftovers(SlotRange slots) throws IOException {
        List<String> found = new ArrayList<>();
        assertThat(Deadline.inSeconds(SECONDS).await(() -> {
            found.clear();
            found.addAll(leftovers(slots));
            return found.isEmpty();
        })).as("leftovers %s", found).isTrue();
    }

    private List<String> leftovers(SlotRange slots) throws IOException {
        List<String> left = new ArrayList<>();
        for (TrialNode node : cluster.nodes()) {
            String leader = cluster.ownerOf(node).ask("CLUSTER", "MYID");
            Map<Integer, String> owners = seenBy(node);
            try (Connection connection = Connection.open(node.address(), SECONDS * 1000)) {
                for (int slot = slots.first(); slot <= slots.last(); slot++) {
                    connection.send("CLUSTER", "COUNTKEYSINSLOT", slot);
                }
                for (int slot = slots.first(); slot <= slots.last(); slot++) {
                    if (!connection.receive().text().equals("0") && !leader.equals(owners.get(slot))) {
                        left.add(node + " holds keys of slot " + slot);
                    }
                }
            }
        }
        return left;
    }
}
