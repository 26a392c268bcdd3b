/**
 * The server: the only place with sockets, threads, clocks, chance and the wiring of it all.
 */
package io.granary.node;
