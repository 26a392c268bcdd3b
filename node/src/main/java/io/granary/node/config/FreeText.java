package io.granary.node.config;

import java.util.List;

/** The syntax of texts. */
final class FreeText implements ValueSyntax {
    static final FreeText ANY = new FreeText(false, TextRule.NONE);
    static final FreeText OPTIONAL = new FreeText(true, TextRule.NONE);

    private final boolean unsetWhileEmpty;
    private final TextRule rule;

    private FreeText(boolean unsetWhileEmpty, TextRule rule) {
        this.unsetWhileEmpty = unsetWhileEmpty;
        this.rule = rule;
    }

    /** A text whose empty value is a value like others. */
    static FreeText any(TextRule rule) {
        return new FreeText(false, rule);
    }

    /** A text that is not set while it is empty. */
    static FreeText optional(TextRule rule) {
        return new FreeText(true, rule);
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        String text = words.getFirst();
        String objection = rule.objection(text);
        if (objection != null) {
            throw new BadValueException(objection);
        }
        return text;
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        if (unsetWhileEmpty && value.isEmpty()) {
            return List.of();
        }
        boolean forced = unsetWhileEmpty || !value.equals(directive.initial());
        return List.of(new RewriteLine(directive.name() + ' ' + ConfigLine.quoted(value), forced));
    }

    @Override
    public String shape() {
        return rule.shape();
    }
}
