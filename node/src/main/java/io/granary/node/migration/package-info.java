/**
 * Moves of slots from one primary to another with all their data: the source shows a snapshot of the slots and their
 * changes in one stream, the target applies it as its own changes, and the cluster's machine hands the slots over when
 * nothing is missing. It must never let a client write what the target does not get, and never leave behind what no
 * owner wants.
 */
package io.granary.node.migration;
