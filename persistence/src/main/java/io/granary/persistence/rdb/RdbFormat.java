package io.granary.persistence.rdb;

/** The numbers of the RDB format that reader and writer share. Source: rdb.h of Redis 7.4. */
final class RdbFormat {

    static final int TYPE_STRING = 0;

    /** Valkey 9: the place of a slot that was being imported. */
    static final int SLOT_IMPORT = 243;
    static final int SLOT_INFO = 244;
    static final int FUNCTION = 245;
    static final int FUNCTION_PRE_GA = 246;
    static final int MODULE_AUX = 247;
    static final int IDLE = 248;
    static final int FREQ = 249;
    static final int AUX = 250;
    static final int RESIZE_DB = 251;
    static final int EXPIRE_TIME_MS = 252;
    static final int EXPIRE_TIME = 253;
    static final int SELECT_DB = 254;
    static final int EOF = 255;

    /** The first byte of a length tells its form by its upper two bits; these are the forms that they tell. */
    static final int LENGTH_6_BITS = 0;
    static final int LENGTH_14_BITS = 1;
    static final int SPECIAL = 3;
    /** The forms that the whole first byte tells. */
    static final int LENGTH_32_BITS = 0x80;
    static final int LENGTH_64_BITS = 0x81;

    /** What stands for the string instead of its bytes. */
    static final int INT_8 = 0;
    static final int INT_16 = 1;
    static final int INT_32 = 2;
    static final int LZF = 3;

    static final int CHECKSUM_BYTES = 8;

    /** The longest string that this version reads or writes. */
    static final long STRING_BYTES_MAX = Integer.MAX_VALUE;

    private RdbFormat() {}
}
