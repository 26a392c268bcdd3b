/**
 * Replication: the log of changes, the replicas that follow this node by it, and the primary that this node follows. What is
 * here never waits for a peer while a slot's lock is held, and never trusts a length or an offset that a peer sent.
 */
package io.granary.node.replication;
