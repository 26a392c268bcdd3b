/**
 * The cluster's edge: the sockets of the bus, the clock and the disk that the gossip machine is driven by, and the CLUSTER
 * commands. It decides nothing that the machine decides; the bus has a thread of its own, and no command, snapshot or fsync
 * may keep that thread from sending a heartbeat.
 */
package io.granary.node.cluster;
