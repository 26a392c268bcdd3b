/**
 * The allocator of a node's data: one reserved region of virtual memory, pages of it, and sub-heaps of cells.
 * Everything that computes an address is here and in the records and tables of {@code keyspace}; nothing here knows
 * what a cell holds. It must never touch memory outside the region, and never make a Java object per allocation.
 */
package io.granary.slots.memory;
