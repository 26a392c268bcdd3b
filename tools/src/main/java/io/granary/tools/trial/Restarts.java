package io.granary.tools.trial;

import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.trial.Writer.Loss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Trials of nodes that end and come back: without their data, all at once, one after the other. */
public final class Restarts {

    private static final int SECONDS = 90;
    private static final int WARM_WRITES = 200;
    private static final int WAIT_MS = 5000;

    private Restarts() {}

    /**
     * Kills the primary of a shard and starts it at once, without a data file; returns how many of {@code keys} survive. All
     * others stand still meanwhile, so that nobody notices the death before the return.
     */
    public static int forgetful(TrialCluster cluster, int keys) throws IOException {
        return crash(cluster, keys, false);
    }

    /** As {@link #forgetful}, but the file is kept, which is older than the last {@code keys}. */
    public static int outdated(TrialCluster cluster, int keys) throws IOException {
        return crash(cluster, keys, true);
    }

    private static int crash(TrialCluster cluster, int keys, boolean keepsFile) throws IOException {
        TrialNode victim = cluster.primaries().getFirst();
        TrialNode replica = cluster.replicaOf(victim);
        String tag = TrialCluster.tagOf(victim);
        if (keepsFile) {
            victim.ask("FLUSHALL");
            write(victim, tag, 1);
            victim.ask("SAVE");
        }
        write(victim, tag, keys);
        List<TrialNode> others = cluster.nodes().stream().filter(node -> node != victim).toList();
        try {
            for (TrialNode node : others) {
                node.pause();
            }
            victim.kill();
            if (!keepsFile) {
                victim.forget();
            }
            victim.start();
            TrialCluster.require(Deadline.inSeconds(SECONDS).await(victim::answers), victim + " does not answer");
        } finally {
            for (TrialNode node : others) {
                node.resume();
            }
        }
        cluster.awaitRunning();
        cluster.awaitSettled();
        TrialNode owner = cluster.primaries().contains(victim) ? victim : replica;
        TrialNode other = owner == victim ? replica : victim;
        int survivors = count(owner, tag, keys);
        TrialCluster.require(Deadline.inSeconds(SECONDS).await(() -> other.ask("DBSIZE").equals(owner.ask("DBSIZE"))),
                "the shard's nodes hold different numbers of keys");
        return survivors;
    }

    private static void write(TrialNode node, String tag, int keys) throws IOException {
        try (Connection connection = node.connect()) {
            for (int i = 0; i < keys; i++) {
                connection.call("SET", tag + ":kept:" + i, i);
            }
            TrialCluster.require(connection.call("WAIT", 1, WAIT_MS).text().equals("1"), node + " has no replica in step");
        }
    }

    private static int count(TrialNode node, String tag, int keys) throws IOException {
        int found = 0;
        try (Connection connection = node.connect()) {
            for (int i = 0; i < keys; i++) {
                found += connection.call("EXISTS", tag + ":kept:" + i).text().equals("1") ? 1 : 0;
            }
        }
        return found;
    }

    /**
     * Writes {@code keys} to every shard, has all nodes save and end, and starts them again.
     *
     * @return how many of all keys are missing
     */
    public static int everything(TrialCluster cluster, int keys) throws IOException {
        return everything(cluster, keys, TrialNode::stop);
    }

    /** As {@link #everything}, but all nodes crash behind their save. */
    public static int powerFailure(TrialCluster cluster, int keys) throws IOException {
        return everything(cluster, keys, TrialNode::kill);
    }

    private interface End {
        void of(TrialNode node) throws IOException;
    }

    private static int everything(TrialCluster cluster, int keys, End end) throws IOException {
        Map<String, TrialNode> shards = new TreeMap<>();
        for (TrialNode primary : cluster.primaries()) {
            shards.put(TrialCluster.tagOf(primary), primary);
            write(primary, TrialCluster.tagOf(primary), keys);
        }
        for (TrialNode node : cluster.nodes()) {
            node.ask("SAVE");
        }
        for (TrialNode node : cluster.nodes()) {
            end.of(node);
        }
        for (TrialNode node : cluster.nodes()) {
            node.start();
        }
        cluster.awaitRunning();
        cluster.awaitSettled();
        int missing = 0;
        for (Map.Entry<String, TrialNode> shard : shards.entrySet()) {
            missing += keys - count(cluster.ownerOf(shard.getValue()), shard.getKey(), keys);
        }
        return missing;
    }

    /** Restarts every node, one after the other, a primary after its replica has taken over, under clients. */
    public static List<Loss> rolling(TrialCluster cluster) throws IOException {
        Map<TrialNode, Writer> writers = new TreeMap<>((a, b) -> Integer.compare(a.address().port(), b.address().port()));
        try {
            for (TrialNode primary : cluster.primaries()) {
                writers.put(primary, Writer.start(TrialCluster.tagOf(primary), cluster, primary));
            }
            for (TrialNode node : cluster.nodes()) {
                if (cluster.primaries().contains(node)) {
                    Trials.handOver(cluster.replicaOf(node));
                    cluster.awaitSettled();
                }
                node.stop();
                node.forget();
                node.start();
                cluster.awaitRunning();
                cluster.awaitSettled();
            }
            for (Writer writer : writers.values()) {
                int before = writer.count();
                TrialCluster.require(Deadline.inSeconds(SECONDS).await(() -> writer.count() > before + WARM_WRITES),
                        "the writers do not get on");
            }
        } finally {
            writers.values().forEach(Writer::stop);
        }
        List<Loss> losses = new ArrayList<>();
        for (Map.Entry<TrialNode, Writer> shard : writers.entrySet()) {
            losses.add(shard.getValue().lost(cluster.ownerOf(shard.getKey())));
        }
        return losses;
    }
}
