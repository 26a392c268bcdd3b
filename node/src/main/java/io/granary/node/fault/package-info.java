/**
 * What becomes of faults of our own: exceptions that no input may cause. Each is reported where an operator sees it; one
 * after which the data in memory may be wrong ends the node, so that a replica takes over. Nothing here mends anything, and
 * the errors of clients, peers and disks never come here.
 */
package io.granary.node.fault;
