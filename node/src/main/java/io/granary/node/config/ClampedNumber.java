package io.granary.node.config;

import java.util.List;

/** A syntax of numbers that brings those outside the useful range into it, where others refuse them. */
final class ClampedNumber implements NumberSyntax {
    private final WholeNumber number;
    private final long least;
    private final long most;

    /**
     * Takes the numbers that another syntax takes.
     *
     * @param least the least number that is obeyed
     * @param most  the highest
     */
    ClampedNumber(WholeNumber number, long least, long most) {
        this.number = number;
        this.least = least;
        this.most = most;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        return Long.toString(Math.clamp(number(number.parse(words, current)), least, most));
    }

    @Override
    public long number(String value) {
        return number.number(value);
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return number.rewrite(directive, value);
    }

    @Override
    public String shape() {
        String highest = most == Long.MAX_VALUE ? "" : " and at most " + most;
        return number.shape() + "; at least " + least + highest + " is obeyed";
    }
}
