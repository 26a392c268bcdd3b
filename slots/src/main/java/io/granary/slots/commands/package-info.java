/**
 * The commands on data: each family a file, each command a row of its table beside the body that it runs. A body looks its
 * keys up, checks their types, changes them, says so and replies; it must never do any I/O, keep anything beyond the call,
 * or know who the client is.
 */
package io.granary.slots.commands;
