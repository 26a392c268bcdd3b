package io.granary.gossip.wire;

/** One message of the cluster bus. */
public interface BusMessage {}
