/**
 * A cluster's data in a folder: taken from its primaries as replicas take it, checked, and written into a cluster of any
 * shape. The files are those of {@code redis-cli --cluster backup}. Prints nothing.
 */
package io.granary.tools.backup;
