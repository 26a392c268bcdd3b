package io.granary.node.config;

import java.util.List;

/**
 * The syntax of choices from a closed list of words, in any case. A word written {@code relative=yes} is another spelling of
 * {@code yes}.
 */
final class OneOf implements ValueSyntax {
    private final String[] words;

    OneOf(String... words) {
        this.words = words;
    }

    @Override
    public String parse(List<String> given, String current) throws BadValueException {
        String value = given.size() == 1 ? canonical(given.getFirst()) : null;
        if (value == null) {
            throw refused();
        }
        return value;
    }

    /** The spelling that is shown, or null if the word is none of these. */
    String canonical(String given) {
        for (String word : words) {
            int equals = word.indexOf('=');
            if (given.equalsIgnoreCase(equals < 0 ? word : word.substring(0, equals))) {
                return word.substring(equals + 1);
            }
        }
        return null;
    }

    BadValueException refused() {
        return new BadValueException("argument(s) must be one of the following: " + shape());
    }

    @Override
    public Setting setting(Directive directive) {
        return new ChoiceSetting(directive);
    }

    @Override
    public String shape() {
        StringBuilder list = new StringBuilder();
        for (String word : words) {
            int equals = word.indexOf('=');
            list.append(list.isEmpty() ? "" : ", ").append(equals < 0 ? word : word.substring(0, equals));
        }
        return list.toString();
    }
}
