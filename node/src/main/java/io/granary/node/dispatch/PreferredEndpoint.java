package io.granary.node.dispatch;

import io.granary.gossip.NodeView;

/** How clients are told where a node is: {@code cluster-preferred-endpoint-type}. */
public enum PreferredEndpoint {
    /** By its address. */
    IP("ip"),
    /** By its announced name, {@code ?} where it has none. */
    HOSTNAME("hostname"),
    /** Not at all: the client goes on with the host that it has already reached, which is what a proxied cluster needs. */
    UNKNOWN_ENDPOINT("unknown-endpoint");

    private final String word;

    PreferredEndpoint(String word) {
        this.word = word;
    }

    /** The value of the directive. */
    public String word() {
        return word;
    }

    /** The one that the directive's value names. */
    public static PreferredEndpoint of(String word) {
        for (PreferredEndpoint each : values()) {
            if (each.word.equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException("no endpoint type: " + word);
    }

    /** What a redirect names; empty for the unknown endpoint. */
    public String host(NodeView node) {
        return switch (this) {
            case IP -> node.ip();
            case HOSTNAME -> node.hostname().isEmpty() ? "?" : node.hostname();
            case UNKNOWN_ENDPOINT -> "";
        };
    }

    /** The port that a client of this kind of connection is told; the other kind's where the node has only that. */
    public static int port(NodeView node, boolean tls) {
        int preferred = tls ? node.tlsPort() : node.port();
        return preferred != 0 ? preferred : tls ? node.port() : node.tlsPort();
    }
}
