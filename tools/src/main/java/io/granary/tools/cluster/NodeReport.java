package io.granary.tools.cluster;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import java.io.IOException;
import java.util.List;

/** What one node says of itself, or why it could not be asked ({@code problem}, then everything else is unknown). */
public record NodeReport(
        Address address, String problem, NodeEntry self, List<NodeEntry> known, InfoText cluster, InfoText info, long keys) {

    private static final InfoText NOTHING = InfoText.parse("");

    /** Asks the node at {@code address}. */
    static NodeReport of(Address address, int timeoutMs) {
        try (Connection connection = Connection.open(address, timeoutMs)) {
            List<NodeEntry> known = NodeEntry.parseAll(connection.text("CLUSTER", "NODES"));
            NodeEntry self = known.stream().filter(NodeEntry::myself).findFirst()
                    .orElseThrow(() -> new IOException("the node does not know itself"));
            return new NodeReport(address, null, self, known, InfoText.parse(connection.text("CLUSTER", "INFO")),
                    InfoText.parse(connection.text("INFO")), Long.parseLong(connection.text("DBSIZE")));
        } catch (IOException | IllegalArgumentException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return new NodeReport(address, reason, null, List.of(), NOTHING, NOTHING, -1);
        }
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
        return self.role().equals("primary") || info.text("master_link_status").equals("up");
    }

    public boolean ok() {
        return state().equals("ok");
    }
}
