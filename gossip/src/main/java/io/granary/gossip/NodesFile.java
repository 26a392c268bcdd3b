package io.granary.gossip;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The nodes file: everything about the cluster that this node remembers over a restart, in Redis's format.
 *
 * <p>A line for each node, then {@code vars currentEpoch n lastVoteEpoch m crc32c x}, perhaps with {@code contested
 * id:epoch,...}, {@code handovers stage:job:id:epoch:slots,...}, {@code abandoned slots}, {@code grants
 * holder:job:target:epoch:slots,...} and {@code arrivals source:slots,...} in it. The checksum stands where
 * redis-server skips what it does not know, and covers every byte before it but one column: the address in the line about
 * this node itself, which operators' scripts rewrite when a machine comes back elsewhere. A file that redis-server wrote
 * has no checksum and is taken when it is complete: the vars line is its last one and has its line end.
 *
 * <p>What the disk must do for {@link Output.Save}: replace the file as a whole, so that it is never missing and never in
 * part, and keep a second copy that is replaced only when the file itself is durable. A file that was cut or changed
 * behind our back is then refused by its checksum and the copy is taken. Nobody can tell from the copy alone whether it
 * lacks a save, and with it a vote or an epoch; so a machine restored from it does not vote until no election that it may
 * have voted in can still be open, and takes a new epoch.
 *
 * @param nodes without those whose handshake is not finished
 * @param migrating slots of this node on their way to another, {@code importing} slots on their way here
 * @param lastVoteEpoch the epoch of the last vote granted
 * @param contested the nodes that others may have succeeded, and in which epoch (see {@link Contests}); redis-server skips
 *     that
 * @param handOvers of slots of this node, to it or from it, that are open; redis-server skips that, too
 * @param abandoned slots that the node which has them in its line has stopped to claim (see {@link SlotClaims}); whoever
 *     forgot that would tell them as its in an epoch in which it did not have them
 * @param grants of others (see {@link KnownGrants})
 * @param arrivals slots that have come here one by one, and from whom, of which a majority may not know (see
 *     {@link Arrivals})
 */
public record NodesFile(
        List<Entry> nodes,
        Map<Integer, NodeId> migrating,
        Map<Integer, NodeId> importing,
        long currentEpoch,
        long lastVoteEpoch,
        Map<NodeId, Long> contested,
        List<OpenHandOver> handOvers,
        SlotBitmap abandoned,
        List<SlotGrant> grants,
        Map<NodeId, SlotBitmap> arrivals) {

    /** A file that knows of no contests, hand-overs and abandoned slots, as redis-server writes it. */
    public NodesFile(
            List<Entry> nodes,
            Map<Integer, NodeId> migrating,
            Map<Integer, NodeId> importing,
            long currentEpoch,
            long lastVoteEpoch) {
        this(nodes, migrating, importing, currentEpoch, lastVoteEpoch, Map.of(), List.of(), SlotBitmap.EMPTY, List.of(),
                Map.of());
    }

    public NodesFile {
        nodes = List.copyOf(nodes);
        migrating = Map.copyOf(migrating);
        importing = Map.copyOf(importing);
        contested = Map.copyOf(contested);
        handOvers = List.copyOf(handOvers);
        grants = List.copyOf(grants);
        arrivals = Map.copyOf(arrivals);
    }

    /**
     * What this node has to do with slots that change hands; see {@link HandOver}.
     *
     * @param other the other side: the target of a grant, the source of anything else
     * @param epoch in which the target claims them; 0 for an import
     */
    public record OpenHandOver(Stage stage, String job, SlotBitmap slots, NodeId other, long epoch) {

        /** How far it is. */
        public enum Stage {
            /** Data comes here. */
            IMPORT,
            /** This source may not write. */
            GRANT,
            /** The target of this source has the slots. */
            ENDED,
            /** This source takes the slots back. */
            RECLAIM,
            /** This target claims the slots, and does not know yet whether a majority knows. */
            CLAIM;

            String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }

    /**
     * One line: a node.
     *
     * @param shard 40 hexadecimal digits, empty when the file does not say
     * @param pingSentMs only whether it is 0 matters after a restart, as for {@code pongReceivedMs}
     * @param configEpoch its own, also of a replica; a {@link NodeView} shows that of its primary there
     */
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
    public record Loaded(NodesFile file, String warning) implements Load {

        public boolean previousGeneration() {
            return warning != null;
        }
    }

    /** Neither generation can be trusted: do not start. */
    public record Refused(String reason) implements Load {}

    /** There is no file: a new node. An empty file is no such thing: it may have been cut to nothing, votes and all. */
    public record Absent() implements Load {}

    /**
     * Reads what is on disk.
     *
     * @param current the content of the nodes file, null when there is none
     * @param previous the content of its previous generation, null when there is none
     */
    public static Load load(byte[] current, byte[] previous) {
        if (current == null) {
            return new Absent();
        }
        String reason;
        try {
            return new Loaded(NodesFileReader.read(current), null);
        } catch (NodesFileReader.Damaged damaged) {
            reason = damaged.getMessage();
        }
        if (previous == null) {
            return new Refused(reason + "; there is no previous generation");
        }
        try {
            return new Loaded(NodesFileReader.read(previous), reason);
        } catch (NodesFileReader.Damaged damaged) {
            return new Refused(reason + "; and in the previous generation: " + damaged.getMessage());
        }
    }

    /** This node's own line. */
    public Entry myself() {
        return nodes.stream().filter(node -> node.flags().contains(NodeFlag.MYSELF)).findFirst().orElseThrow();
    }

    /** The file's content, checksum and all. */
    public String text() {
        return NodesFileText.write(this);
    }
}
