package io.granary.node.dispatch;

import io.granary.node.config.ChoiceSetting;
import io.granary.node.config.Configuration;
import io.granary.node.config.EndpointRules;
import io.granary.node.config.TextSetting;
import java.net.InetAddress;
import java.util.List;

/**
 * How each client is told where nodes are: as the first {@code cluster-endpoint-rule} for its network says, else as
 * {@code cluster-preferred-endpoint-type} does.
 *
 * <p>The same cluster may be reached in two ways at once, say from inside a network of containers and through its published
 * ports; no one name of a node serves both.
 */
public final class Endpoints {

    private final ChoiceSetting preferred;
    private final TextSetting ruleText;
    private volatile List<EndpointRules.Rule> rules;

    public Endpoints(Configuration configuration) {
        preferred = configuration.choice("cluster-preferred-endpoint-type");
        ruleText = configuration.text("cluster-endpoint-rule");
        ruleText.onChange(this::refresh);
        refresh();
    }

    private void refresh() {
        rules = EndpointRules.of(ruleText.value());
    }

    /** What the client is told; {@code client} is null for one without an address. */
    public PreferredEndpoint of(InetAddress client) {
        PreferredEndpoint ruled = ruled(client);
        return ruled != null ? ruled : PreferredEndpoint.of(preferred.value());
    }

    /**
     * Whether CLUSTER NODES shows host names. Redis always does, and there are clients that prefer them to the address,
     * whatever the preferred type: so a client whose network has the rule {@code ip} is not told of them.
     */
    public boolean showsHostnames(InetAddress client) {
        return ruled(client) != PreferredEndpoint.IP;
    }

    private PreferredEndpoint ruled(InetAddress client) {
        List<EndpointRules.Rule> current = rules;
        if (client != null) {
            for (EndpointRules.Rule rule : current) {
                if (rule.has(client)) {
                    return PreferredEndpoint.of(rule.endpoint());
                }
            }
        }
        return null;
    }
}
