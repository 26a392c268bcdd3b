/**
 * Client connections: the listener, a session a connection, and what they share on one event loop. It moves bytes and knows
 * what a client has said of itself; what a command does is never decided here.
 */
package io.granary.node.client;
