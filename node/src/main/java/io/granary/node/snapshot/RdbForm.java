package io.granary.node.snapshot;

import io.granary.persistence.rdb.RdbWriter;

/**
 * What an RDB is to look like.
 *
 * @param version from {@link RdbWriter#VERSION_MIN} on
 * @param data whether it holds keys; one without holds only what it says of itself (and functions, once there are some)
 */
public record RdbForm(int version, boolean data) {

    /** As files are written. */
    public static final RdbForm FILE = new RdbForm(RdbWriter.VERSION, true);

    /** As replicas get it: the lowest version that has all there is, so that older ones read it, too. */
    public static final RdbForm REPLICA = new RdbForm(RdbWriter.VERSION_MIN, true);
}
