/**
 * How the tools talk to a node: one blocking connection, one call at a time. Knows the protocol, nothing of clusters.
 */
package io.granary.tools.client;
