package io.granary.node.config;

import java.util.List;

/** The syntax of {@code hz}: any number from 0, brought into the range that is obeyed. */
final class TickRate implements NumberSyntax {
    private final WholeNumber number = WholeNumber.between(0, Integer.MAX_VALUE);

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        return Long.toString(Math.clamp(number(number.parse(words, current)), 1, 500));
    }

    @Override
    public long number(String value) {
        return Long.parseLong(value);
    }

    @Override
    public String shape() {
        return "1 to 500";
    }
}
