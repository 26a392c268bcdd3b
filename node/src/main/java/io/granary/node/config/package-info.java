/**
 * The configuration of a node: one table of directives, the reader of configuration files and arguments, the settings that
 * the parts of a node read, and CONFIG GET, SET and REWRITE over them. A value is kept as the text that CONFIG GET answers
 * and, beside it, decoded for those who read it often. This package never prints, never exits the process, and knows nothing
 * of the parts that obey a setting: they register a listener.
 *
 * <p>Texts are bytes: a {@code String} here holds one byte in each character (ISO 8859-1), as Redis's values are bytes.
 */
package io.granary.node.config;
