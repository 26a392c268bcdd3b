package io.granary.node.config;

import java.util.List;

/** The syntax of {@code notify-keyspace-events}: a letter for each class of events. */
public final class EventClasses implements ValueSyntax {
    /** The classes of keyspace events, in the order in which they are shown; {@code bit()} is their place in a set. */
    private static final String SHOWN = "g$lshzxetdnKEm";
    /** The classes that the letter A stands for: all that are about a key which exists. */
    private static final int ALL = (1 << SHOWN.indexOf('n')) - 1;

    /** The bit of a class of events in {@link #of}. */
    public static int bit(char letter) {
        return 1 << SHOWN.indexOf(letter);
    }

    /** The set of the classes in a value in force. */
    public static int of(String value) {
        int set = 0;
        for (int i = 0; i < value.length(); i++) {
            set |= value.charAt(i) == 'A' ? ALL : bit(value.charAt(i));
        }
        return set;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        String letters = words.getFirst();
        for (int i = 0; i < letters.length(); i++) {
            char c = letters.charAt(i);
            if (c != 'A' && SHOWN.indexOf(c) < 0) {
                throw new BadValueException("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
            }
        }
        return shown(of(letters));
    }

    private static String shown(int set) {
        StringBuilder letters = new StringBuilder();
        boolean all = (set & ALL) == ALL;
        if (all) {
            letters.append('A');
        }
        for (int i = 0; i < SHOWN.length(); i++) {
            // Redis 7.4 leaves the n out beside the A and forgets it in CONFIG REWRITE, though A does not include it.
            boolean covered = all && (ALL & 1 << i) != 0;
            if ((set & 1 << i) != 0 && !covered) {
                letters.append(SHOWN.charAt(i));
            }
        }
        return letters.toString();
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return List.of(new RewriteLine(directive.name() + ' ' + ConfigLine.quoted(value), !value.isEmpty()));
    }

    @Override
    public String shape() {
        return "letters of KEg$lshzxetdmn, or A for g$lshzxetd";
    }
}
