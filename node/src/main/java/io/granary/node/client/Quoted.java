package io.granary.node.client;

/** Bytes as a quoted text that can be read back: what MONITOR shows. Source: sdscatrepr of Redis. */
public final class Quoted {

    private static final String HEX = "0123456789abcdef";

    private Quoted() {}

    public static void append(StringBuilder text, byte[] bytes) {
        text.append('"');
        for (byte b : bytes) {
            switch (b) {
                case '\\', '"' -> text.append('\\').append((char) b);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 7 -> text.append("\\a");
                case '\b' -> text.append("\\b");
                default -> {
                    if (b >= 0x20 && b < 0x7f) {
                        text.append((char) b);
                    } else {
                        text.append("\\x").append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15));
                    }
                }
            }
        }
        text.append('"');
    }
}
