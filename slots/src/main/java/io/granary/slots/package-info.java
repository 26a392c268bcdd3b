/**
 * Hash slots: the data in them and the commands on it.
 */
package io.granary.slots;
