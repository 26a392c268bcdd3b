package io.granary.node.migrate;

import java.util.List;

/**
 * Keys that are to be sent to another server, as MIGRATE says it.
 *
 * @param database of the keys here, {@code targetDatabase} where they go to
 * @param slot of all the keys
 * @param keys at least one
 * @param timeoutMs how long each single step may take
 * @param copy whether the keys stay here, too
 * @param replace whether they take the place of what the target has under their names
 * @param user with {@code password}, as whom to log in there; null for none
 */
record Transfer(
        String host, int port, int database, long targetDatabase, int slot, List<byte[]> keys, long timeoutMs, boolean copy,
        boolean replace, String user, String password) {

    /** What its keys take on the heap. */
    long bytes() {
        return keys.stream().mapToLong(key -> key.length).sum();
    }
}
