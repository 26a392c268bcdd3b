package io.granary.tools.trial;

import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.trial.Writer.Loss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The trials: each takes a settled cluster, does one thing to it, measures, and settles it again. */
public final class Trials {

    private static final int TAKEOVER_SECONDS = 90;
    private static final long PROBE_NANOS = 2_000_000;
    private static final int HANDOVER_SECONDS = 6;
    private static final int WARM_WRITES = 200;
    private static final int CALM_NANOS = 300_000_000;

    private Trials() {}

    /**
     * What happened when a primary went.
     *
     * @param outageMs from the fault until the shard took a write
     * @param othersDown how often a client of another shard was answered CLUSTERDOWN
     * @param otherStallMs the longest time that another shard's client waited between two acknowledgements
     * @param loss what of the shard's writes its new primary does not have
     */
    public record Takeover(double outageMs, int othersDown, double otherStallMs, Loss loss) {}

    /** Kills the primary of a shard as {@code kill -9} does, and starts it again afterwards. */
    public static Takeover kill(TrialCluster cluster) throws IOException {
        return kill(cluster, cluster.primaries().getFirst());
    }

    /** As {@link #kill(TrialCluster)}, for this primary. */
    public static Takeover kill(TrialCluster cluster, TrialNode primary) throws IOException {
        return takeover(cluster, primary, TrialNode::kill, TrialNode::start);
    }

    /** Lets the primary of a shard stand still as {@code kill -STOP} does, and go on after its replica has taken over. */
    public static Takeover pause(TrialCluster cluster) throws IOException {
        return takeover(cluster, cluster.primaries().getFirst(), TrialNode::pause, TrialNode::resume);
    }

    /** What is done to a node. */
    private interface Fault {
        void strike(TrialNode node) throws IOException;
    }

    private static Takeover takeover(TrialCluster cluster, TrialNode victim, Fault fault, Fault repair)
            throws IOException {
        TrialNode replica = cluster.replicaOf(victim);
        TrialNode other = cluster.primaries().stream().filter(node -> node != victim).findFirst().orElseThrow();
        String tag = TrialCluster.tagOf(victim);
        try (Writer writer = Writer.start(tag, cluster, victim);
                Writer elsewhere = Writer.start(TrialCluster.tagOf(other), cluster, other)) {
            Deadline deadline = Deadline.inSeconds(TAKEOVER_SECONDS);
            TrialCluster.require(deadline.await(() -> writer.count() > WARM_WRITES && elsewhere.count() > WARM_WRITES),
                    "the writers do not get going");
            long struck = System.nanoTime();
            fault.strike(victim);
            double outageMs = (awaitWrites(replica, tag, deadline) - struck) / 1e6;
            int before = writer.count();
            deadline.await(() -> writer.count() > before + WARM_WRITES);
            writer.stop();
            elsewhere.stop();
            Loss loss = writer.lost(replica);
            repair.strike(victim);
            cluster.awaitSettled();
            return new Takeover(outageMs, elsewhere.errors("CLUSTERDOWN"), elsewhere.longestStallMs(), loss);
        }
    }

    /** Asks a replica to write until it does; returns when it did, by {@link System#nanoTime}. */
    static long awaitWrites(TrialNode replica, String tag, Deadline deadline) throws IOException {
        try (Connection connection = Connection.open(replica.address(), TAKEOVER_SECONDS * 1000)) {
            while (true) {
                try {
                    connection.call("SET", tag + ":probe", "1");
                    return System.nanoTime();
                } catch (ErrorReply _) {
                    TrialCluster.require(!deadline.passed(), replica + " does not take over");
                    LockSupport.parkNanos(PROBE_NANOS);
                }
            }
        }
    }

    /**
     * What an old primary acknowledged after it had been paused and replaced.
     *
     * @param sent writes that waited in its sockets
     * @param acknowledged of these, answered with OK
     * @param lost of the acknowledged, not to be found on the new primary
     */
    public record Stale(int sent, int acknowledged, int lost) {}

    /** Pauses a primary, sends it {@code writes} that it cannot read, waits for its successor, and lets it go on. */
    public static Stale stale(TrialCluster cluster, int writes) throws IOException {
        TrialNode victim = cluster.primaries().getFirst();
        TrialNode replica = cluster.replicaOf(victim);
        String tag = TrialCluster.tagOf(victim);
        List<Connection> connections = new ArrayList<>();
        try {
            for (int i = 0; i < writes; i++) {
                connections.add(Connection.open(victim.address(), TAKEOVER_SECONDS * 1000));
                connections.get(i).call("PING");
            }
            victim.pause();
            for (int i = 0; i < writes; i++) {
                connections.get(i).send("SET", tag + ":stale:" + i, i);
            }
            try {
                awaitWrites(replica, tag, Deadline.inSeconds(TAKEOVER_SECONDS));
            } finally {
                victim.resume();
            }
            List<Integer> acknowledged = acknowledged(connections);
            cluster.awaitSettled();
            int lost = 0;
            for (int i : acknowledged) {
                lost += replica.ask("EXISTS", tag + ":stale:" + i).equals("1") ? 0 : 1;
            }
            return new Stale(writes, acknowledged.size(), lost);
        } finally {
            for (Connection connection : connections) {
                connection.close();
            }
        }
    }

    private static List<Integer> acknowledged(List<Connection> connections) {
        List<Integer> acknowledged = new ArrayList<>();
        for (int i = 0; i < connections.size(); i++) {
            try {
                if (connections.get(i).receive().text().equals("OK")) {
                    acknowledged.add(i);
                }
            } catch (IOException _) {
                // refused, or cut off: no acknowledgement
            }
        }
        return acknowledged;
    }

    /** Has a replica take over by CLUSTER FAILOVER; a request that failed is repeated. */
    static void handOver(TrialNode replica) throws IOException {
        TrialCluster.require(Deadline.inSeconds(TAKEOVER_SECONDS).await(() -> takesOver(replica)),
                replica + " does not take over by hand");
    }

    /** Asks a replica to take over, and waits a while: a request may fail, and is forgotten then. */
    private static boolean takesOver(TrialNode replica) throws IOException {
        replica.ask("CLUSTER", "FAILOVER");
        return Deadline.inSeconds(HANDOVER_SECONDS)
                .await(() -> replica.info("replication").text("role").equals("master"));
    }

    /**
     * What a hand-over cost.
     *
     * @param stallMs the longest time between two acknowledged writes of the shard
     * @param loss what the new primary does not have
     */
    public record Handover(double stallMs, Loss loss) {}

    /** Has the replica of a shard take over by CLUSTER FAILOVER while a client writes. */
    public static Handover handover(TrialCluster cluster) throws IOException {
        return handover(cluster, cluster.primaries().getFirst());
    }

    /** As {@link #handover(TrialCluster)}, for the shard of this primary. */
    public static Handover handover(TrialCluster cluster, TrialNode primary) throws IOException {
        TrialNode replica = cluster.replicaOf(primary);
        String tag = TrialCluster.tagOf(primary);
        Deadline deadline = Deadline.inSeconds(TAKEOVER_SECONDS);
        try (Writer writer = Writer.start(tag, cluster, primary)) {
            deadline.await(() -> writer.count() > WARM_WRITES);
            handOver(replica);
            LockSupport.parkNanos(CALM_NANOS);
            writer.stop();
            double stallMs = writer.longestStallMs();
            Loss loss = writer.lost(replica);
            cluster.awaitSettled();
            return new Handover(stallMs, loss);
        }
    }
}
