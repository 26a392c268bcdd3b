package io.granary.tools.cluster;

import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;

/**
 * What one node says of itself, or why it could not be asked.
 *
 * @param address where it was asked
 * @param problem why it could not be asked; null if it could, else all that follows is unknown
 * @param self the node in its own eyes; of one that could not be asked, in those of another, or null
 * @param known all nodes in its eyes
 * @param cluster what CLUSTER INFO says
 * @param info what INFO says
 * @param keys how many keys it holds, or -1
 */
public record NodeReport(
        Address address, String problem, NodeEntry self, List<NodeEntry> known, InfoText cluster, InfoText info, long keys) {

    private static final InfoText NOTHING = InfoText.parse("");

    /** Asks the node at {@code address}. */
    static NodeReport of(Address address, Access access) {
        try (Connection connection = Connection.open(address, access)) {
            List<NodeEntry> known = NodeEntry.parseAll(connection.text("CLUSTER", "NODES"));
            NodeEntry self = known.stream().filter(NodeEntry::myself).findFirst()
                    .orElseThrow(() -> new IOException("the node does not know itself"));
            return new NodeReport(address, null, self, known, InfoText.parse(connection.text("CLUSTER", "INFO")),
                    InfoText.parse(connection.text("INFO")), Long.parseLong(connection.text("DBSIZE")));
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            return new NodeReport(address, reason(e, access), null, List.of(), NOTHING, NOTHING, -1);
        }
    }

    /** Why a node could not be asked, for people. */
    static String reason(Exception e, Access access) {
        return switch (e) {
            case UnknownHostException _ -> "unknown host";
            case SocketTimeoutException _ -> "no answer within " + access.timeoutMs() / 1000.0 + " s";
            case ErrorReply refused when refused.getMessage().startsWith("NOAUTH") ->
                    "asks for a password: -a, or GRANARY_PASSWORD";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    /** The same for a node that could not be asked, with what another one knows of it. */
    NodeReport seenAs(NodeEntry entry) {
        return reachable() ? this : new NodeReport(address, problem, entry, known, cluster, info, keys);
    }

    /** Empty where nobody knows. */
    public String id() {
        return self == null ? "" : self.id();
    }

    /** Whether the node leads a shard or has no part in one yet; also of one that could not be asked, if others know it. */
    public boolean isPrimary() {
        return self != null && self.isPrimary();
    }

    /** The slots that the node says it owns. */
    public SlotSet slots() {
        return self == null ? new SlotSet() : SlotSet.of(self.slots());
    }

    /** Whether the node is one of ours, rather than a Redis or a Valkey. */
    public boolean isGranary() {
        return !info.text("granary_version").isEmpty();
    }

    /** {@code granary 0.1.0}, {@code redis 7.4.1}, {@code valkey 8.0.1}; empty if the node could not be asked. */
    public String version() {
        for (String server : List.of("granary", "valkey", "redis")) {
            if (!info.text(server + "_version").isEmpty()) {
                return server + " " + info.text(server + "_version");
            }
        }
        return "";
    }

    public boolean reachable() {
        return problem == null;
    }

    /** {@code ok} or {@code fail} as the node itself sees the cluster, {@code down} if the node cannot be asked. */
    public String state() {
        return reachable() ? cluster.text("cluster_state") : "down";
    }

    /** Whether the node is a primary, or a replica with a link to its primary. */
    public boolean inStep() {
        return self.isPrimary() || info.text("master_link_status").equals("up");
    }

    public boolean ok() {
        return state().equals("ok");
    }

    /** All of a report would be much to hash, and nodes have addresses of their own. */
    @Override
    public int hashCode() {
        return address.hashCode();
    }

    /** Which node; the record's own text would be pages. */
    @Override
    public String toString() {
        return address + (id().isEmpty() ? "" : " (" + id() + ")");
    }
}
