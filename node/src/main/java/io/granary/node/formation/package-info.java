/**
 * How nodes that are started with the same list of seeds become one cluster by themselves, and find each other again when
 * their addresses have changed. Never decides about slots that somebody owns, and never changes another node: each node
 * changes itself, by what an operator might ask of it.
 */
package io.granary.node.formation;
