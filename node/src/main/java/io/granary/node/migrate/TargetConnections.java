package io.granary.node.migrate;

import io.granary.node.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Connections to targets that are kept for a while, since the next keys mostly go where the last ones went. A connection in
 * use is taken out, so that two transfers to one target have one each.
 */
final class TargetConnections implements AutoCloseable {

    /** As in Redis: MIGRATE_SOCKET_CACHE_ITEMS and MIGRATE_SOCKET_CACHE_TTL of cluster.c. */
    private static final int KEPT_MAX = 64;
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Clock clock;
    private final List<Kept> kept = new ArrayList<>();
    private boolean closed;

    private record Kept(String host, int port, TargetConnection connection) {}

    TargetConnections(Clock clock) {
        this.clock = clock;
    }

    /** A connection that was kept, or null. */
    synchronized TargetConnection take(String host, int port) {
        for (int i = kept.size() - 1; i >= 0; i--) {
            if (kept.get(i).host().equals(host) && kept.get(i).port() == port) {
                return kept.remove(i).connection();
            }
        }
        return null;
    }

    /** Keeps a connection whose last answer was read. */
    synchronized void keep(String host, int port, TargetConnection connection) {
        connection.used(clock.nanos());
        if (closed) {
            connection.close();
            return;
        }
        if (kept.size() == KEPT_MAX) {
            kept.removeFirst().connection().close();
        }
        kept.add(new Kept(host, port, connection));
    }

    /** Closes what was not used for long; called now and then. */
    synchronized void closeIdle() {
        long now = clock.nanos();
        kept.removeIf(each -> {
            boolean idle = now - each.connection().usedNanos() > KEPT_NANOS;
            if (idle) {
                each.connection().close();
            }
            return idle;
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        kept.forEach(each -> each.connection().close());
        kept.clear();
    }
}
