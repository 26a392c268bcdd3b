package io.granary.gossip;

/**
 * One connection of the bus whose peer is known, as CLUSTER LINKS lists it.
 *
 * @param inbound whether the peer made it
 * @param createdMs unix time
 */
public record LinkView(long link, NodeId node, boolean inbound, long createdMs) {}
