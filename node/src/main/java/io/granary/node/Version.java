package io.granary.node;

/** What a node says it is. */
public final class Version {

    /** The version of Granary. */
    public static final String GRANARY = "0.1.0";

    /** The version of Redis whose commands and replies are spoken; clients and tools choose their ways by it. */
    public static final String REDIS = "7.4.1";

    private Version() {}
}
