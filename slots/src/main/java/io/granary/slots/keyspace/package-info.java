/**
 * Everything a node stores: a table of records for each slot of each database, their expiry and eviction, the locks of the
 * slots. Records and tables lie outside the Java heap. It must never read a clock or a random source of its own, and never
 * hold a lock across anything slow.
 */
package io.granary.slots.keyspace;
