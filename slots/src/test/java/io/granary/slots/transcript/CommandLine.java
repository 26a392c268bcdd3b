package io.granary.slots.transcript;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request as one types it for redis-cli. */
public final class CommandLine {

    private CommandLine() {}

    /** The arguments; within double quotes {@code \n}, {@code \x00} and the like mean bytes. */
    public static List<byte[]> split(String line) {
        List<byte[]> arguments = new ArrayList<>();
        byte[] text = line.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        while (true) {
            while (at < text.length && text[at] == ' ') {
                at++;
            }
            if (at == text.length) {
                return arguments;
            }
            ByteArrayOutputStream argument = new ByteArrayOutputStream();
            if (text[at] == '"') {
                at = quoted(text, at + 1, argument);
            } else {
                while (at < text.length && text[at] != ' ') {
                    argument.write(text[at++]);
                }
            }
            arguments.add(argument.toByteArray());
        }
    }

    private static int quoted(byte[] text, int from, ByteArrayOutputStream argument) {
        int at = from;
        while (text[at] != '"') {
            if (text[at] != '\\') {
                argument.write(text[at++]);
            } else if (text[at + 1] == 'x') {
                argument.write(Integer.parseInt(new String(text, at + 2, 2, StandardCharsets.US_ASCII), 16));
                at += 4;
            } else {
                argument.write(switch (text[at + 1]) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> text[at + 1];
                });
                at += 2;
            }
        }
        return at + 1;
    }
}
