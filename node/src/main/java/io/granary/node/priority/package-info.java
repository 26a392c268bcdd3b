/**
 * Which threads of a node the system runs first where there are more of them than cores: those that serve clients. It is
 * asked for, not relied upon: a system that does not know it or refuses it changes nothing but how long somebody waits.
 */
package io.granary.node.priority;
