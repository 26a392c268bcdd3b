/**
 * The commands of the server itself: connections, clients, information. Each family is a file; a body sees a
 * {@link io.granary.node.dispatch.NodeCall} and what its family was given, and never a socket.
 */
package io.granary.node.commands;
