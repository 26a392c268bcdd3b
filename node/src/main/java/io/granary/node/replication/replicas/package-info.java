/**
 * The replicas that follow this node: how they attach, what they are sent, and what is known of how far they are.
 * What is sent is read from the log on the replica's own event loop; a replica that does not read is dropped, and
 * never makes a writer wait.
 */
package io.granary.node.replication.replicas;
