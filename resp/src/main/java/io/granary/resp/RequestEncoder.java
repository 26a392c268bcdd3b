package io.granary.resp;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes requests as a client does: an array of bulk strings. Texts are written one byte a character (ISO 8859-1), as
 * {@link Request#toText} reads them.
 */
public final class RequestEncoder {

    private static final byte[] LINE_END = {'\r', '\n'};

    private RequestEncoder() {}

    /** The bytes of one request. */
    public static byte[] encode(String... arguments) {
        return encode(bytes(arguments));
    }

    /** The bytes of one request. */
    public static byte[] encode(byte[]... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64);
        out.writeBytes(header('*', arguments.length));
        for (byte[] argument : arguments) {
            out.writeBytes(header('$', argument.length));
            out.writeBytes(argument);
            out.writeBytes(LINE_END);
        }
        return out.toByteArray();
    }

    /** Appends one request. */
    public static void encode(ByteBuf out, String... arguments) {
        encode(out, bytes(arguments));
    }

    /** Appends one request. */
    public static void encode(ByteBuf out, byte[]... arguments) {
        out.writeBytes(header('*', arguments.length));
        for (byte[] argument : arguments) {
            out.writeBytes(header('$', argument.length));
            out.writeBytes(argument);
            out.writeBytes(LINE_END);
        }
    }

    private static byte[] header(char type, int count) {
        return (type + Integer.toString(count) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[][] bytes(String... texts) {
        byte[][] bytes = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            bytes[i] = texts[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return bytes;
    }
}
