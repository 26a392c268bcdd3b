package io.granary.gossip.wire;

/** Where things stand in a frame of the bus, and how large it may get (Redis: {@code clusterMsg} in cluster_legacy.h). */
final class BusLayout {

    /** "RCmb". */
    static final int SIGNATURE = 0x52436d62;

    static final int VERSION = 1;

    static final int TOTAL_LENGTH_AT = 4;
    static final int VERSION_AT = 8;
    static final int PORT_AT = 10;
    static final int TYPE_AT = 12;
    static final int COUNT_AT = 14;
    static final int CURRENT_EPOCH_AT = 16;
    static final int CONFIG_EPOCH_AT = 24;
    static final int OFFSET_AT = 32;
    static final int SENDER_AT = 40;
    static final int SLOTS_AT = 80;
    static final int PRIMARY_AT = 2128;
    static final int IP_AT = 2168;
    static final int EXTENSIONS_AT = 2214;
    static final int STAMP_AT = 2216;
    static final int BOOT_AT = STAMP_AT + 2;
    static final int SEQUENCE_AT = STAMP_AT + 10;
    static final int ANSWERED_AT = STAMP_AT + 18;
    static final int PROMISE_AT = STAMP_AT + 26;
    static final int STAMP_VERSION_AT = STAMP_AT + 28;
    static final int STAMP_FLAGS_AT = STAMP_AT + 29;
    static final int SECOND_PORT_AT = 2246;
    static final int BUS_PORT_AT = 2248;
    static final int FLAGS_AT = 2250;
    static final int STATE_AT = 2252;
    static final int MESSAGE_FLAGS_AT = 2253;

    /** The length of the fixed header. */
    static final int HEADER_BYTES = 2256;

    static final int IP_BYTES = 46;

    /**
     * "Gr": a stamp follows, and with it all thirty unused bytes are used: mark 2, boot 8, sequence 8, answered 8, promise
     * in ms 2, version 1, flags 1. A greater version only adds to the flags.
     */
    static final int STAMP_MARK = 0x4772;

    static final int STAMP_VERSION = 1;

    static final int STAMP_BEHIND = 1;

    static final int STAMP_STANDING = 2;

    static final int STAMP_SURE = 4;

    static final int GOSSIP_BYTES = 104;

    /**
     * In the two bytes of a gossip entry that Redis leaves zero: 0, or by how many epochs, plus 1, an election lies behind
     * the sender's current epoch.
     */
    static final int CONTESTED_AT = 102;

    static final int CONTESTED_LIMIT = 0xffff;
    static final int UPDATE_BYTES = 2096;
    static final int PUBLISH_BYTES = 8;
    static final int MODULE_BYTES = 13;
    static final int EXTENSION_HEADER_BYTES = 8;

    static final int HOSTNAME = 0;
    static final int HUMAN_NAME = 1;
    static final int FORGOTTEN_NODE = 2;
    static final int SHARD_ID = 3;

    /** "Gr": far from what Redis and Valkey count up, which skip what they do not know. */
    static final int GRANTED = 0x4772;

    static final int FORGOTTEN_NODE_BYTES = 48;
    static final int SHARD_ID_BYTES = 40;

    /** Three names of 40 bytes (holder, job, target), the epoch in 8, the slots as in the header. */
    static final int GRANTED_EPOCH_AT = 120;

    static final int GRANTED_SLOTS_AT = 128;
    static final int GRANTED_BYTES = GRANTED_SLOTS_AT + 2048;

    /** A hostname has fewer characters than this. */
    static final int HOSTNAME_LIMIT = 256;

    /** More gossip than this is in no frame: a cluster has up to about 1,000 nodes. */
    static final int GOSSIP_LIMIT = 1100;

    static final int EXTENSIONS_LIMIT = 64 * 1024;

    static final int HEARTBEAT_LIMIT = HEADER_BYTES + GOSSIP_LIMIT * GOSSIP_BYTES + EXTENSIONS_LIMIT;

    /** For types that are unknown here and are skipped. */
    static final int UNKNOWN_LIMIT = 64 * 1024;

    private BusLayout() {}

    static int aligned(int bytes) {
        return (bytes + 7) & ~7;
    }
}
