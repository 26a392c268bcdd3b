/**
 * The cluster as a state machine: who the nodes are, who is alive, who owns which slot, in which epoch. Inputs go in,
 * outputs come out; the package opens no socket, reads no clock, starts no thread and draws no random number of its own,
 * so a whole cluster runs in one thread from one seed.
 */
package io.granary.gossip;
