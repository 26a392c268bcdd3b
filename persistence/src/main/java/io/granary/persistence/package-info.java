/**
 * What a node keeps on disk.
 */
package io.granary.persistence;
