package io.granary.node.config;

import java.util.List;

/** What the values of a directive look like: how they are read, shown and written back. */
public interface ValueSyntax {
    /**
     * Reads a value.
     *
     * @param words   the arguments of the directive; exactly one unless {@link #takesManyWords()}
     * @param current the value in force, for directives that lay a part over it
     * @return the value as CONFIG GET shows it
     * @throws BadValueException with Redis's reason
     */
    String parse(List<String> words, String current) throws BadValueException;

    /** The values that are allowed, for the reference. */
    String shape();

    /** Whether one line may hold several arguments, which CONFIG SET takes in one, separated by single spaces. */
    default boolean takesManyWords() {
        return false;
    }

    /** Whether several lines of a file add up, the first of them dropping the default. */
    default boolean linesAddUp() {
        return false;
    }

    /** The value that a node starts with, given the one that the table declares. */
    default String initial(String declared) {
        return declared;
    }

    /** The place in which a node keeps the value. */
    default Setting setting(Directive directive) {
        return new TextSetting(directive);
    }

    /** The lines by which CONFIG REWRITE saves the value; none if the file must not mention it. */
    default List<RewriteLine> rewrite(Directive directive, String value) {
        return List.of(new RewriteLine(directive.name() + ' ' + value, !value.equals(initial(directive.initial()))));
    }

    /**
     * A line for CONFIG REWRITE.
     *
     * @param forced whether it is written even where the old file has no such line
     */
    record RewriteLine(String text, boolean forced) { }
}
