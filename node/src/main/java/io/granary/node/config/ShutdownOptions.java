package io.granary.node.config;

import java.util.List;

/** The syntax of what a signal does: {@code default}, or a set of the words of SHUTDOWN. */
final class ShutdownOptions implements ValueSyntax {
    private static final String[] ORDER = {"save", "nosave", "now", "force"};

    private final OneOf words = new OneOf("default", "save", "nosave", "now", "force");

    @Override
    public String parse(List<String> given, String current) throws BadValueException {
        int set = 0;
        for (String word : given) {
            String known = words.canonical(word);
            if (known == null) {
                throw words.refused();
            }
            for (int i = 0; i < ORDER.length; i++) {
                set |= ORDER[i].equals(known) ? 1 << i : 0;
            }
        }
        if (given.isEmpty()) {
            throw words.refused();
        }
        if ((set & 3) == 3) {
            throw new BadValueException("shutdown options SAVE and NOSAVE can't be used simultaneously");
        }
        return spelled(set);
    }

    private static String spelled(int set) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ORDER.length; i++) {
            if ((set & 1 << i) != 0) {
                text.append(text.isEmpty() ? "" : " ").append(ORDER[i]);
            }
        }
        return text.isEmpty() ? "default" : text.toString();
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public Setting setting(Directive directive) {
        return new ChoiceSetting(directive);
    }

    @Override
    public String shape() {
        return words.shape();
    }
}
