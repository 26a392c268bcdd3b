/**
 * A cluster in one thread from one seed: many gossip machines on virtual time, with a network that loses, doubles, delays
 * and reorders, partitions that may be one-way, nodes that pause, die and come back, and disks that forget what was not
 * synced. Invariants with names are checked after every event; a failure names its seed, and the seed repeats it exactly.
 */
package io.granary.gossip.simulation;
