package io.granary.tools.trial;

import io.granary.tools.cluster.Deadline;
import io.granary.tools.trial.Writer.Loss;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/** Trials of a primary that the network cuts off from all other nodes, its replica among them, but not from its client. */
public final class Partitions {

    private static final int PATIENCE_SECONDS = 90;
    private static final int WARM_WRITES = 200;

    private Partitions() {}

    /** What the cut leaves of the way between the primary and all others. */
    public enum Cut {
        /** Nothing: both sides hear nothing of the other. */
        BOTH_WAYS,
        /** The primary hears the others, and is not heard. */
        UNHEARD,
        /** The primary is heard, and hears nobody. */
        DEAF,
        /** Nothing arrives until the cut heals; then everything does, late. */
        LATE
    }

    /**
     * What happened behind the cut.
     *
     * @param tookOver whether the replica became primary while the network was cut
     * @param tookOverMs from the cut until the replica took a write
     * @param behind writes that the cut-off primary acknowledged after the cut
     * @param lastBehindMs from the cut until the last of them
     * @param stale of them, those acknowledged after the replica had taken a write
     * @param refused how often the cut-off primary answered CLUSTERDOWN or MOVED
     * @param loss what the shard's primary of afterwards does not have of the writes acknowledged on both sides of the cut
     */
    public record Story(
            boolean tookOver, double tookOverMs, int behind, double lastBehindMs, int stale, int refused, Loss loss) {}

    /**
     * Cuts a primary off under a client that stays with it, waits until that one is refused and, where the others can know,
     * until the replica takes writes, heals the network, and settles the cluster.
     *
     * @param cluster with a {@link TrialCluster#network}
     */
    public static Story tell(TrialCluster cluster, Cut cut) throws IOException {
        TrialNode victim = cluster.primaries().getFirst();
        TrialNode replica = cluster.replicaOf(victim);
        String tag = TrialCluster.tagOf(victim);
        Deadline deadline = Deadline.inSeconds(PATIENCE_SECONDS);
        try (Writer writer = Writer.startFaithful(tag, victim)) {
            TrialCluster.require(deadline.await(() -> writer.count() > WARM_WRITES), "the writer does not get going");
            long struck = System.nanoTime();
            apply(cut, cluster, cluster.nodes().indexOf(victim));
            boolean takesOver = cut != Cut.DEAF;
            long tookOver = takesOver ? Trials.awaitWrites(replica, tag, deadline) : System.nanoTime();
            TrialCluster.require(deadline.await(() -> refused(writer) > 0), victim + " refuses no writes");
            long healed = System.nanoTime();
            int refused = refused(writer);
            cluster.network().heal();
            int before = writer.count();
            cluster.awaitSettled();
            TrialCluster.require(deadline.await(() -> writer.count() > before + WARM_WRITES), "no writes after healing");
            writer.stop();
            TrialNode owner = cluster.ownerOf(victim);
            List<Long> behind = writer.acknowledgedBy(victim, struck, healed);
            return new Story(owner == replica, (tookOver - struck) / 1e6, behind.size(),
                    behind.isEmpty() ? 0 : (behind.getLast() - struck) / 1e6,
                    takesOver ? writer.acknowledgedBy(victim, tookOver, healed).size() : 0, refused, writer.lost(owner));
        } finally {
            cluster.network().heal();
        }
    }

    /** A primary that hears the others is told that it was replaced, and sends its clients away. */
    private static int refused(Writer writer) {
        return writer.errors("CLUSTERDOWN") + writer.errors("MOVED");
    }

    private static void apply(Cut cut, TrialCluster cluster, int victim) {
        List<Integer> one = List.of(victim);
        List<Integer> others = IntStream.range(0, cluster.nodes().size()).filter(node -> node != victim).boxed().toList();
        Network network = cluster.network();
        switch (cut) {
            case BOTH_WAYS -> {
                network.cut(one, others);
                network.cut(others, one);
            }
            case UNHEARD -> network.cut(one, others);
            case DEAF -> network.cut(others, one);
            case LATE -> {
                network.hold(one, others);
                network.hold(others, one);
            }
        }
    }
}
