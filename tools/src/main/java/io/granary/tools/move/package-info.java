/**
 * Slots on the move between running nodes: what slots cost their owners, carrying out a plan by our own migrations or key
 * by key, and finishing or putting back what an earlier run left half done. Prints nothing; whoever wants to show how far
 * it is looks at {@link io.granary.tools.move.Progress}.
 */
package io.granary.tools.move;
