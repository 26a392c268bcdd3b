package io.granary.persistence.rdb;

import java.io.IOException;

/** What a module has written beside the keys: fields that tell their form, so that it can be skipped without the module. */
final class ModuleData {

    private static final int END = 0;
    private static final int SIGNED = 1;
    private static final int UNSIGNED = 2;
    private static final int FLOAT = 3;
    private static final int DOUBLE = 4;
    private static final int STRING = 5;

    private static final String NAME_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final int NAME_CHARS = 9;
    private static final int VERSION_BITS = 10;

    private ModuleData() {}

    /** Skips the data; returns the module's name. */
    static String skip(RdbInput in, NativeBytes scratch) throws IOException {
        long id = in.length();
        while (true) {
            long form = in.length();
            if (form == END) {
                return name(id);
            } else if (form == SIGNED || form == UNSIGNED) {
                in.length();
            } else if (form == FLOAT) {
                in.littleEndianInt();
            } else if (form == DOUBLE) {
                in.littleEndianLong();
            } else if (form == STRING) {
                in.string(scratch);
            } else {
                throw in.refusal("no field of a module has the form " + Long.toUnsignedString(form));
            }
        }
    }

    /** A module's id is its nine letters, six bits each, and the version of its encoding behind them. */
    private static String name(long id) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < NAME_CHARS; i++) {
            int shift = VERSION_BITS + 6 * (NAME_CHARS - 1 - i);
            name.append(NAME_ALPHABET.charAt((int) (id >>> shift) & 0x3F));
        }
        return name.toString();
    }
}
