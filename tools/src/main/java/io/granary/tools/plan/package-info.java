/**
 * Which slots should move where: pure functions from who owns what and what each slot weighs to a list of moves, and
 * the file that such a plan is kept in. Talks to no node, prints nothing, draws no random numbers.
 */
package io.granary.tools.plan;
