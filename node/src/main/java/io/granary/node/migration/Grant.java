package io.granary.node.migration;

/**
 * Slots that this node, the source, has given out of its hands for a job.
 *
 * @param epoch in which the target claims them
 */
record Grant(MigrationJob.Plan plan, long epoch) {}
