package io.granary.node.info;

/** One section of INFO. */
public interface InfoSection {

    /** The heading, as in {@code # Server}; requests name it in any case. */
    String heading();

    /** Whether INFO without arguments shows it; the others are shown for {@code all}, {@code everything} or by name. */
    default boolean shownByDefault() {
        return true;
    }

    /** Whether {@code all} and {@code everything} show it; one that they do not has to be asked for by name. */
    default boolean shownWithAll() {
        return true;
    }

    void write(InfoWriter out);
}
