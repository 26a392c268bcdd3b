package io.granary.node.info;

import io.granary.node.client.ClientRegistry;
import io.granary.node.config.LongSetting;
import io.granary.node.dispatch.NodeCondition;
import java.util.function.IntSupplier;

/** {@code # Clients}: who is connected. */
public final class ClientsSection implements InfoSection {

    private final ClientRegistry registry;
    private final NodeCondition condition;
    private final LongSetting clientsMax;
    private final IntSupplier clusterLinks;

    public ClientsSection(
            ClientRegistry registry, NodeCondition condition, LongSetting clientsMax, IntSupplier clusterLinks) {
        this.registry = registry;
        this.condition = condition;
        this.clientsMax = clientsMax;
        this.clusterLinks = clusterLinks;
    }

    @Override
    public String heading() {
        return "Clients";
    }

    @Override
    public void write(InfoWriter out) {
        out.field("connected_clients", registry.clientCount())
                .field("cluster_connections", clusterLinks.getAsInt())
                .field("maxclients", clientsMax.value())
                .field("client_recent_max_input_buffer", registry.largestInputBytes())
                .field("client_recent_max_output_buffer", registry.largestOutputBytes())
                .field("blocked_clients", condition.waitingCount() + registry.blockedCount())
                .field("tracking_clients", 0)
                .field("pubsub_clients", 0)
                .field("watching_clients", registry.watchingCount())
                .field("clients_in_timeout_table", 0)
                .field("total_watched_keys", registry.watchedKeys())
                .field("total_blocking_keys", 0)
                .field("total_blocking_keys_on_nokey", 0);
    }
}
