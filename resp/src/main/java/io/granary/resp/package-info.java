/**
 * The Redis serialization protocol: bytes to requests, replies to bytes, in both directions. It knows no command and
 * no connection; it works on native memory that its caller owns, and never allocates from a length that a peer sent.
 */
package io.granary.resp;
