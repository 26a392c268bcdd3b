/**
 * A running node seen from outside, over its port, and beside it a live redis-server that is asked the same: what one of
 * them answers, the other has to answer too. Nothing here looks into a node.
 */
package io.granary.node.conformance;
