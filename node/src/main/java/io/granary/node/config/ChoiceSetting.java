package io.granary.node.config;

/** One word, or some words, of a closed list. */
public final class ChoiceSetting extends Setting {
    ChoiceSetting(Directive directive) {
        super(directive);
    }

    /** The word in lower case, as the table of directives spells it; several words are separated by a space. */
    public String value() {
        return raw();
    }

    public boolean is(String word) {
        return raw().equals(word);
    }

    @Override
    void decode(String text) {
        // The word is its own value.
    }
}
