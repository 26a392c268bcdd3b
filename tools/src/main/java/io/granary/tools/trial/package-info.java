/**
 * Trials of clusters under faults, with real processes: a primary is killed, paused, or handed over under a writing client,
 * and what that client was promised is checked afterwards. Granary and redis-server go through the same trials.
 */
package io.granary.tools.trial;
