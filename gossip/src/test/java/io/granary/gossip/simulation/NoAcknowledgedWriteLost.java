package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * What clients were told is true. A write that was acknowledged after all replicas of its shard had it is in the data of
 * whoever serves the shard later, as long as its primary or a replica in step with that lives and has it. And no write at
 * all is acknowledged by a primary once its successor is elected, from the moment of the winning vote, told or not; but for
 * those from before an agreed pause, which the successor has.
 */
final class NoAcknowledgedWriteLost implements Invariant {

    private record Write(int index, long id) {}

    /** Somebody won a shard, with that data. */
    private record Election(SimulatedNode winner, long epoch, Set<Long> inherited) {}

    /** What is known of a shard; the nodes of a shard stay the same. */
    private static final class Shard {
        private final int slot;
        private final List<SimulatedNode> members;
        private final List<Write> onAll = new ArrayList<>();
        private final Deque<Election> elections = new ArrayDeque<>();

        Shard(int slot, List<SimulatedNode> members) {
            this.slot = slot;
            this.members = members;
        }
    }

    private final List<Shard> shards = new ArrayList<>();
    private long acknowledged;
    private long acknowledgedOnAll;

    /** The first {@code primaries} nodes lead a shard each, the others follow them in turn. */
    NoAcknowledgedWriteLost(List<SimulatedNode> nodes, int primaries) {
        for (int i = 0; i < primaries; i++) {
            List<SimulatedNode> members = new ArrayList<>();
            for (int j = i; j < nodes.size(); j += primaries) {
                members.add(nodes.get(j));
            }
            shards.add(new Shard(ClusterView.SLOTS * i / primaries, members));
        }
    }

    int shards() {
        return shards.size();
    }

    int slot(int shard) {
        return shards.get(shard).slot;
    }

    List<SimulatedNode> members(int shard) {
        return shards.get(shard).members;
    }

    long acknowledged() {
        return acknowledged;
    }

    long acknowledgedOnAll() {
        return acknowledgedOnAll;
    }

    @Override
    public void sees(SimulatedNode node, ClusterView before, ClusterView view, long nowMs) {
        boolean leads = view.myself().isPrimary();
        long epoch = leads ? view.myself().configEpoch() : 0;
        for (Shard shard : shards) {
            if (before == null) {
                // an election that was won and forgotten before anybody heard of it was not won
                shard.elections.removeIf(election -> election.winner == node && election.epoch > epoch);
            }
            Election last = shard.elections.peekLast();
            if (leads && view.isMine(shard.slot) && (last == null || epoch > last.epoch)) {
                shard.elections.addLast(new Election(node, epoch, Set.copyOf(node.replication().writes())));
                if (last != null && last.winner != node) {
                    lacksNothing(shard, node, last.winner, "is elected");
                }
            }
        }
    }

    /** A client is told that its write is done, {@code onAll} that all replicas have it. */
    void acknowledges(SimulatedNode node, int number, int index, long id, boolean onAll) {
        Shard shard = shards.get(number);
        long epoch = node.view().myself().configEpoch();
        Election last = shard.elections.peekLast();
        boolean before = node.replication().isPaused() && last != null && last.inherited.contains(id);
        if (last != null && last.epoch > epoch && !before) {
            Invariant.violated("%s acknowledges a write of shard %d in epoch %d, and %s was elected in epoch %d",
                    node, number, epoch, last.winner, last.epoch);
        }
        lacksNothing(shard, node, node, "serves");
        acknowledged++;
        if (onAll) {
            acknowledgedOnAll++;
            shard.onAll.add(new Write(index, id));
        }
    }

    private static void lacksNothing(Shard shard, SimulatedNode node, SimulatedNode leader, String what) {
        for (int i = shard.onAll.size() - 1; i >= 0; i--) {
            Write write = shard.onAll.get(i);
            if (node.replication().has(write.index, write.id)) {
                // and with it all that was before it
                return;
            }
            for (SimulatedNode member : shard.members) {
                boolean inStep = member == leader || member.replication().follows(leader);
                if (member.isAlive() && inStep && member.replication().has(write.index, write.id)) {
                    Invariant.violated("%s %s without the write at %d, which all had and %s has", node, what, write.index,
                            member);
                }
            }
            shard.onAll.remove(i);
        }
    }
}
