/**
 * MIGRATE: keys that one server sends to another at an operator's wish, the classic way of moving a slot. All I/O happens on
 * threads of its own; it must never wait for another server with a slot's lock held, nor on an event loop.
 */
package io.granary.node.migrate;
