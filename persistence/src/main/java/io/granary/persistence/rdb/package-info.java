/**
 * The data as Redis writes it down: RDB files, the streams of a full sync, and the payloads of DUMP. Everything here works
 * on bytes that somebody hands in and never opens a file or a socket, never asks the time, and never believes a length that
 * it has read: memory is taken as bytes arrive. What cannot be read is refused with the reason and the offset.
 */
package io.granary.persistence.rdb;
