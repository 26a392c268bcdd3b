package io.granary.node.config;

/** A number, a size in bytes or a percentage. */
public final class LongSetting extends Setting {
    private final NumberSyntax syntax;
    private volatile long value;

    LongSetting(Directive directive, NumberSyntax syntax) {
        super(directive);
        this.syntax = syntax;
    }

    /** The number in the directive's unit; a percentage is negative (5% is -5). */
    public long value() {
        return value;
    }

    /** The number, where the directive's range fits. */
    public int intValue() {
        return Math.toIntExact(value);
    }

    @Override
    void decode(String text) {
        value = syntax.number(text);
    }
}
