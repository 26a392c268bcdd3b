/**
 * What a command is: its row in the table, everything that is derived from its synopsis, and the look-up of a request's
 * command. The rows themselves are in {@code io.granary.slots.commands} and, where they need a client, in {@code node}. This
 * package must never know a particular command by name.
 */
package io.granary.slots.command;
