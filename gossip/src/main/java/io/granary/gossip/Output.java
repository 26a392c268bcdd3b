package io.granary.gossip;

import io.granary.gossip.wire.BusMessage;

/**
 * Everything the machine wants done. The order of a list is a promise: each output is carried out before the next one is
 * begun, so a {@link Save} before the {@link Send} of a vote means that the vote is on disk first.
 */
public sealed interface Output {

    /** Open a connection to a peer's bus port and call it {@code link}. */
    record Connect(long link, String host, int busPort) implements Output {}

    /** Send a message on a link. */
    record Send(long link, BusMessage message) implements Output {}

    /** Close a link. */
    record Close(long link) implements Output {}

    /** Store the nodes file durably before anything that follows; on failure drop what follows and say {@link Input.SaveFailed}. */
    record Save(String nodesFile) implements Output {}

    /** The cluster looks different now. */
    record Publish(ClusterView view) implements Output {}

    /** Slots were lost to another node: their keys are to be deleted. */
    record DropKeys(int[] slots) implements Output {}

    /** The answer to an operator: {@code error} is null when it was done, and {@code text} then what to reply. */
    record Answer(long number, String text, String error) implements Output {}

    /** A line that an operator would act on. */
    record Log(Level level, String text) implements Output {}

    /** The weight of a log line, Redis's. */
    enum Level { DEBUG, VERBOSE, NOTICE, WARNING }
}
