package io.granary.node.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The syntax of {@code client-output-buffer-limit}: for each class of clients the bytes of replies that may wait for it. */
public final class OutputBufferLimits implements ValueSyntax {
    /**
     * The limits of a class of clients; 0 is no limit.
     *
     * @param hard        bytes beyond which the client is closed at once
     * @param soft        bytes beyond which it is closed if it stays there
     * @param softSeconds for so long
     */
    public record Limit(long hard, long soft, long softSeconds) { }

    private static final String[] CLASSES = {"normal", "slave", "pubsub"};

    /** The limits of a value in force, for normal clients, replicas and subscribers in this order. */
    public static List<Limit> of(String value) {
        String[] words = value.split(" ");
        List<Limit> limits = new ArrayList<>(CLASSES.length);
        for (int i = 0; i < words.length; i += 4) {
            long hard = Long.parseUnsignedLong(words[i + 1]);
            long soft = Long.parseUnsignedLong(words[i + 2]);
            limits.add(new Limit(hard < 0 ? Long.MAX_VALUE : hard, soft < 0 ? Long.MAX_VALUE : soft,
                    Long.parseLong(words[i + 3])));
        }
        return limits;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        if (words.size() % 4 != 0) {
            throw new BadValueException("Wrong number of arguments in buffer limit configuration.");
        }
        String[] parts = current.split(" ");
        for (int i = 0; i < words.size(); i += 4) {
            int at = indexOfClass(words.get(i)) * 4;
            for (int j = 1; j < 4; j++) {
                parts[at + j] = limit(words.get(i + j), j == 3);
            }
        }
        return String.join(" ", parts);
    }

    private static int indexOfClass(String word) throws BadValueException {
        String name = word.equalsIgnoreCase("replica") ? "slave" : word;
        for (int i = 0; i < CLASSES.length; i++) {
            if (name.equalsIgnoreCase(CLASSES[i])) {
                return i;
            }
        }
        throw new BadValueException("Invalid client class specified in buffer limit configuration.");
    }

    private static String limit(String word, boolean seconds) throws BadValueException {
        NumberText text = new NumberText(word);
        if (seconds) {
            text.readPrefix(10);
        }
        if (seconds ? !text.atEnd() || text.number() < 0 : !text.readBytes()) {
            throw new BadValueException("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
        }
        return seconds ? Integer.toString((int) text.number()) : Long.toUnsignedString(text.number());
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    /**
     * Lines for the classes that differ from their initial limits: the others have those again when the file is read. If
     * none differs, lines for all, so that none of the old file's stays.
     */
    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        String[] words = value.split(" ");
        String[] initial = directive.initial().split(" ");
        boolean changed = !value.equals(directive.initial());
        List<RewriteLine> lines = new ArrayList<>(CLASSES.length);
        for (int i = 0; i < words.length; i += 4) {
            if (!changed || !Arrays.equals(words, i, i + 4, initial, i, i + 4)) {
                String name = words[i].equals("slave") ? "replica" : words[i];
                lines.add(new RewriteLine(directive.name() + ' ' + name
                        + ' ' + NumberText.bytesInUnits(Long.parseUnsignedLong(words[i + 1]))
                        + ' ' + NumberText.bytesInUnits(Long.parseUnsignedLong(words[i + 2]))
                        + ' ' + words[i + 3], changed));
            }
        }
        return lines;
    }

    @Override
    public String shape() {
        return "groups of class (normal, replica, pubsub), hard limit, soft limit, soft seconds";
    }
}
