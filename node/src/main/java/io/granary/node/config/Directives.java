package io.granary.node.config;

import java.util.ArrayList;
import java.util.List;

/** The table of all directives, part by part. */
public final class Directives {
    /**
     * The directives about one part of a node.
     *
     * @param title a heading of the reference
     */
    public record Part(String title, List<Directive> table) { }

    private static final List<Part> PARTS = List.of(
            new Part("Network and clients", NetworkDirectives.TABLE),
            new Part("Threads", ThreadDirectives.TABLE),
            new Part("General", GeneralDirectives.TABLE),
            new Part("Security", SecurityDirectives.TABLE),
            new Part("Memory", MemoryDirectives.TABLE),
            new Part("Encodings", EncodingDirectives.TABLE),
            new Part("Persistence", PersistenceDirectives.TABLE),
            new Part("Replication", ReplicationDirectives.TABLE),
            new Part("Cluster", ClusterDirectives.TABLE),
            new Part("Log, latency and events", ObservabilityDirectives.TABLE),
            new Part("TLS", TlsDirectives.TABLE));

    private Directives() { }

    public static List<Part> parts() {
        return PARTS;
    }

    /** All directives in the order of the table. */
    public static List<Directive> all() {
        List<Directive> all = new ArrayList<>(256);
        for (Part part : PARTS) {
            all.addAll(part.table());
        }
        return all;
    }
}
