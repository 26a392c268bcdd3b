/**
 * What a node keeps on disk, and the form in which nodes hand data to each other.
 */
package io.granary.persistence;
