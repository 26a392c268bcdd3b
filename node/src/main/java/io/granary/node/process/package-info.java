/**
 * A node as a process of its own: arguments answered at once, signals, the pid file, the service manager, the banner and the
 * way to a clean exit. Only {@code Main} uses this package; a node inside another program has none of it.
 */
package io.granary.node.process;
