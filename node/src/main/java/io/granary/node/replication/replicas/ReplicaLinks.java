package io.granary.node.replication.replicas;

import io.granary.node.Clock;
import java.util.Arrays;

/** The replicas that are connected, in the order in which they came. */
final class ReplicaLinks {

    private final Clock clock;
    /** Replaced as a whole, since it is read behind every batch of commands. */
    private volatile ReplicaLink[] links = {};
    private volatile long nobodySinceNanos;

    ReplicaLinks(Clock clock) {
        this.clock = clock;
        nobodySinceNanos = clock.nanos();
    }

    /** All of them; not to be changed. */
    ReplicaLink[] all() {
        return links;
    }

    boolean isEmpty() {
        return links.length == 0;
    }

    /** Since when there has been none, in monotonic nanoseconds; means nothing while there are some. */
    long nobodySinceNanos() {
        return nobodySinceNanos;
    }

    synchronized void add(ReplicaLink link) {
        ReplicaLink[] more = Arrays.copyOf(links, links.length + 1);
        more[links.length] = link;
        links = more;
    }

    synchronized void remove(ReplicaLink link) {
        links = Arrays.stream(links).filter(each -> each != link).toArray(ReplicaLink[]::new);
        if (links.length == 0) {
            nobodySinceNanos = clock.nanos();
        }
    }
}
