/**
 * Hash slots: the data in them and the commands on it. This root holds only what a slot is: its number, the CRC16 of the
 * part of a key that decides it, and sets and ranges of slots. It must never know who owns a slot.
 */
package io.granary.slots;
