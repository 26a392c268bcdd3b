package io.granary.gossip;

import io.granary.gossip.wire.BusMessage;

/**
 * Everything the machine wants done, in the order of the list. What may only happen once a save is on disk (the send of a
 * vote, the answer to an operator) is not in the list of that save: the machine holds it back until {@link Input.Saved}
 * comes, so a driver may save on another thread and no fsync ever delays a heartbeat.
 */
public sealed interface Output {

    /** Open a connection to a peer's bus port and call it {@code link}. */
    record Connect(long link, String host, int busPort) implements Output {}

    /** Send a message on a link; nothing happens if the link is gone. */
    record Send(long link, BusMessage message) implements Output {}

    /** Close a link; the machine has forgotten it and wants no {@link Input.LinkDown} for it, but bears one. */
    record Close(long link) implements Output {}

    /**
     * Store the nodes file as {@link NodesFile} says, then tell {@link Input.Saved} or {@link Input.SaveFailed}. A newer
     * generation replaces an older one that has not been begun.
     *
     * @param synced whether it must be on disk for good; else it is enough that it outlives this process. Where the save of
     *     an earlier generation that had to be synced has failed or was replaced, this one has to be.
     */
    record Save(long generation, String text, boolean synced) implements Output {}

    /** The cluster looks different now. */
    record Publish(ClusterView view) implements Output {}

    /** Slots were lost to another node: their keys are to be deleted. Always behind the view that says so. */
    record DropKeys(int[] slots) implements Output {}

    /**
     * This primary, which has {@linkplain Input.StartedBehind started without all of its data}, may serve what it has. Until
     * then, or until it is told to follow somebody, it must not serve replicas either. The lease and the view keep clients
     * away.
     */
    record ServeBehind() implements Output {}

    /** This node is a primary from now on: stop following, keep the data, write. Always before the view that says so. */
    record Promote() implements Output {}

    /**
     * This node is a replica of that primary from now on, or the primary has moved: replicate from its client port at
     * {@code host}. Always behind the view that says so. A node that starts again as a replica is told once more.
     */
    record Follow(NodeId primary, String host, int port) implements Output {}

    /**
     * Let no write begin for so long, wait until those that have begun are in the replication log, then tell {@link
     * Input.WritesPaused}. The stream must not grow meanwhile, not even by the pings of the replication log: a replica of
     * Redis waits for exactly the offset that it is told.
     */
    record PauseWrites(long forMs) implements Output {}

    /** Writes go on; comes also when their pause may be over by itself. */
    record ResumeWrites() implements Output {}

    /** Tell {@link Input.Replicated} once this replica has applied the stream up to there; replaces an earlier wish. */
    record AwaitOffset(long offset) implements Output {}

    /**
     * Until when, on the machine's clock in milliseconds, no other node can have been elected in the place of this primary:
     * so long a write may be acknowledged. {@link Long#MAX_VALUE} where nobody could be elected, {@link Long#MIN_VALUE} from
     * now on not at all. Always behind the view that goes with it.
     */
    record Lease(long untilMs) implements Output {}

    /** The answer to an operator: {@code text} is what to reply, or null and {@code error} the whole error ("ERR ..."). */
    record Answer(long number, String text, String error) implements Output {}

    /** A line that an operator would act on. */
    record Log(Level level, String text) implements Output {}

    /** The weight of a log line, Redis's. */
    enum Level { DEBUG, VERBOSE, NOTICE, WARNING }
}
