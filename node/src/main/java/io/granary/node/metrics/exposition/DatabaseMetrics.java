package io.granary.node.metrics.exposition;

import io.granary.node.config.Configuration;
import java.util.HashMap;
import java.util.Map;

/** How many keys each database holds, the empty ones too: a graph needs zeros where INFO says nothing. */
final class DatabaseMetrics {

    private static final Map<String, String> EMPTY = Map.of("keys", "0", "expires", "0", "avg_ttl", "0");

    private final long count;

    DatabaseMetrics(Configuration configuration) {
        count = configuration.flag("cluster-enabled").value() ? 1 : configuration.number("databases").value();
    }

    void write(Exposition page, Figures figures) {
        Map<String, Map<String, String>> databases = new HashMap<>();
        figures.each("db", databases::put);
        for (int i = 0; i < count; i++) {
            Map<String, String> parts = databases.getOrDefault(Integer.toString(i), EMPTY);
            String database = "db" + i;
            page.gauge("redis_db_keys", "Keys of each database").add(parts.get("keys"), "db", database);
            page.gauge("redis_db_keys_expiring", "Keys that expire").add(parts.get("expires"), "db", database);
            if (parts != EMPTY) {
                page.gauge("redis_db_avg_ttl_seconds", "Mean time to live of those that expire")
                        .add(Long.parseLong(parts.get("avg_ttl")) / 1e3, "db", database);
            }
        }
    }
}
