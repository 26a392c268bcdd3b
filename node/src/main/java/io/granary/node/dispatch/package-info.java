/**
 * The way of a request: found in the table, admitted, routed, run under the lock of its slot, answered. The event loop that
 * read the bytes does all of it; nothing is handed to another thread, so a pipeline stays in order by itself. Nothing here
 * blocks on I/O while a lock is held.
 */
package io.granary.node.dispatch;
