/**
 * What the tools know of a cluster: reading what its nodes report, forming one, and the one that runs on this machine
 * under a data folder. Prints nothing; what it finds are values, what goes wrong are {@link java.io.IOException}s with
 * a text for the operator.
 */
package io.granary.tools.cluster;
