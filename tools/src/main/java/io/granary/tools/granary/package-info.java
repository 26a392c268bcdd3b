/**
 * The {@code granary} command: one class a verb, on top of {@link io.granary.tools.cluster}. The only place of the CLI
 * that prints; exit codes are in {@link io.granary.tools.granary.ExitCode}.
 */
package io.granary.tools.granary;
