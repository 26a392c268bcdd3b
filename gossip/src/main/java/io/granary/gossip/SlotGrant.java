package io.granary.gossip;

/**
 * Slots that a primary has given out of its hands, or is just about to: what others know of it.
 *
 * @param holder the primary, or who has taken its place; it has their data until the target is known to have the slots
 * @param job 40 hexadecimal digits
 * @param epoch in which the target claims them
 */
public record SlotGrant(NodeId holder, String job, NodeId target, long epoch, SlotBitmap slots) {}
