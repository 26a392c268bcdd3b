/**
 * Trials of clusters under faults, with real processes: a primary is killed, paused, cut off, handed over or restarted under
 * a writing client, and what that client was promised is checked afterwards. Granary and redis-server go through the same
 * trials, and through the same measures of what a replica costs. Everything here ends the processes that it has started.
 */
package io.granary.tools.trial;
