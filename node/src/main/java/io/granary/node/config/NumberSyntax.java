package io.granary.node.config;

/** A syntax whose values are numbers. */
interface NumberSyntax extends ValueSyntax {
    /** The number behind a value; percentages are negative, sizes beyond 63 bits are {@link Long#MAX_VALUE}. */
    long number(String value);

    @Override
    default Setting setting(Directive directive) {
        return new LongSetting(directive, this);
    }
}
