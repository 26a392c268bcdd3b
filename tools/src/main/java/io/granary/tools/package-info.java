/**
 * What an operator runs beside the nodes.
 */
package io.granary.tools;
