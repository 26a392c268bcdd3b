/**
 * What a node counts of itself: plain numbers a loop, summed when somebody asks. On the path of a command nothing is shared
 * between threads and nothing is allocated.
 */
package io.granary.node.metrics;
