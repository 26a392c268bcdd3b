/**
 * The cluster bus as bytes: Redis's binary protocol, to and from {@link io.granary.gossip.wire.BusMessage}. Every field
 * that a peer sent is checked before it is used, and a frame is refused by its header before any of its body is kept.
 */
package io.granary.gossip.wire;
