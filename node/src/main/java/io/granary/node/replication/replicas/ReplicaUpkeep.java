package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.log.NodeLog;
import java.util.concurrent.TimeUnit;

/**
 * What is done for replicas as time goes by: pings and signs of life, and who is silent or too far behind is dropped. As
 * replicationCron in Redis's replication.c.
 */
final class ReplicaUpkeep {

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReplicaLinks links;
    private final ReplicaSettings settings;
    private final StreamRequests requests;
    private final FullSyncs fullSyncs;
    private final SlowReplicas slow;
    private final Backlog backlog;
    private final GoodReplicas good;
    private final Clock clock;
    private final NodeLog log;
    private long seconds;
    private long secondNanos;

    ReplicaUpkeep(
            ReplicaLinks links, ReplicaSettings settings, StreamRequests requests, FullSyncs fullSyncs, SlowReplicas slow,
            Backlog backlog, GoodReplicas good, Clock clock, NodeLog log) {
        this.links = links;
        this.settings = settings;
        this.requests = requests;
        this.fullSyncs = fullSyncs;
        this.slow = slow;
        this.backlog = backlog;
        this.good = good;
        this.clock = clock;
        this.log = log;
        secondNanos = clock.nanos();
    }

    /** There is more to send. From any thread, holding no lock. */
    void wake() {
        OutputBufferLimits.Limit limit = settings.output();
        for (ReplicaLink link : links.all()) {
            if (limit.hard() != 0 && link.waitingBytes() > limit.hard()) {
                dropIfSlow(link, limit);
            }
            link.wake();
        }
    }

    private void dropIfSlow(ReplicaLink link, OutputBufferLimits.Limit limit) {
        if (link.isGone() || !link.tooSlow(limit, slow.allowance(link.name())) || !link.drop()) {
            return;
        }
        slow.dropped(link.name(), clock.nanos());
        log.warning("Client " + link.text() + " scheduled to be closed ASAP for overcoming of output buffer limits. "
                + link.waitingBytes() + " bytes wait for replica " + link.name() + " (" + link.phase().text()
                + "); it may be up to " + slow.allowance(link.name()) + " times the limit behind when it comes back");
    }

    /** Ten times a second, always on the same event loop. */
    void tick() {
        for (ReplicaLink link : links.all()) {
            dropIfSlow(link, settings.output());
        }
        fullSyncs.look();
        wake();
        long passed = (clock.nanos() - secondNanos) / SECOND_NANOS;
        if (passed > 0) {
            // those that were missed are not made up for
            secondNanos += passed * SECOND_NANOS;
            everySecond();
        }
    }

    private void everySecond() {
        seconds++;
        if (seconds % settings.pingSeconds() == 0 && !links.isEmpty()) {
            requests.ping();
        }
        fullSyncs.keepAlive();
        for (ReplicaLink link : links.all()) {
            if (link.timedOut(settings.timeoutNanos())) {
                log.warning("Disconnecting timedout replica (streaming sync): " + link.name());
                link.close();
            }
            if (link.isOnline()) {
                slow.keepsUp(link.name(), link.sinceNanos(), clock.nanos());
            }
        }
        backlog.giveUpUnused();
        good.recount();
    }
}
