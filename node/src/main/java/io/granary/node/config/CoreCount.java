package io.granary.node.config;

import java.util.List;

/** The syntax of {@code io-threads}: a number, or {@code auto} for as many as the process may use cores. */
final class CoreCount implements NumberSyntax {
    private static final int MOST = 128;

    private final WholeNumber number = WholeNumber.between(1, MOST);

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        return words.getFirst().equalsIgnoreCase("auto") ? initial("auto") : number.parse(words, current);
    }

    @Override
    public String initial(String declared) {
        return Integer.toString(Math.min(MOST, Runtime.getRuntime().availableProcessors()));
    }

    @Override
    public long number(String value) {
        return Long.parseLong(value);
    }

    @Override
    public String shape() {
        return "auto, or 1 to " + MOST;
    }
}
