/**
 * The data as a whole: how it is written down beside the running commands, to a file or to replicas, and how it is read
 * back, at the start or in place of what is there. One snapshot at a time. It never stops the event loops for longer than
 * a step of the walk takes, and never leaves a file that is neither the old nor the new one.
 */
package io.granary.node.snapshot;
