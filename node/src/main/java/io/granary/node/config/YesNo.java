package io.granary.node.config;

import java.util.List;

/** The syntax of switches. */
final class YesNo implements ValueSyntax {
    static final YesNo SYNTAX = new YesNo();

    private YesNo() { }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        String word = words.getFirst();
        if (word.equalsIgnoreCase("yes")) {
            return "yes";
        }
        if (word.equalsIgnoreCase("no")) {
            return "no";
        }
        throw new BadValueException("argument must be 'yes' or 'no'");
    }

    @Override
    public Setting setting(Directive directive) {
        return new BooleanSetting(directive);
    }

    @Override
    public String shape() {
        return "yes or no";
    }
}
