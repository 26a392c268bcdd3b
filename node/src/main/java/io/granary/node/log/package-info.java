/**
 * The log of a node: lines in the form of redis-server or as JSON, to the standard output or a file. Each node has a log of
 * its own, handed to its parts; nothing here is static, so nodes in one JVM do not write into each other's.
 */
package io.granary.node.log;
