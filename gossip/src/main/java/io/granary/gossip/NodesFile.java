package io.granary.gossip;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The nodes file: everything about the cluster that this node remembers over a restart. */
public record NodesFile(
        List<Entry> nodes,
        Map<Integer, NodeId> migrating,
        Map<Integer, NodeId> importing,
        long currentEpoch,
        long lastVoteEpoch) {

    /** One line: a node. */
    public record Entry(
            NodeId id,
            String ip,
            int port,
            int tlsPort,
            int busPort,
            String hostname,
            String humanName,
            String shard,
            Set<NodeFlag> flags,
            NodeId primary,
            long pingSentMs,
            long pongReceivedMs,
            long configEpoch,
            boolean linked,
            SlotBitmap slots) {}

    /** What was found on disk. */
    public sealed interface Load permits Loaded, Refused, Absent {}

    /** {@code warning} is null when the current file was whole, else why the previous generation was taken. */
    public record Loaded(NodesFile file, String warning) implements Load {}

    /** Neither generation can be trusted: do not start. */
    public record Refused(String reason) implements Load {}

    /** There is no file: a new node. */
    public record Absent() implements Load {}

    /**
     * Reads what is on disk.
     *
     * @param current the content of the nodes file, null when there is none
     * @param previous the content of its previous generation, null when there is none
     */
    public static Load load(byte[] current, byte[] previous) {
        return new Absent();
    }
}
