/**
 * Whole clusters inside one JVM, for tests: ours and our users'. The nodes are real, with sockets, files and threads of
 * their own; only the process around them is missing.
 */
package io.granary.node.embedded;
