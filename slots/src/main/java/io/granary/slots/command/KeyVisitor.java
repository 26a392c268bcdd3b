package io.granary.slots.command;

/** Is told of the keys of a request, one by one. */
@FunctionalInterface
public interface KeyVisitor {

    /** Argument {@code argument} is a key, used as {@code keyFlags} says (see {@link KeyFlag#bit()}). */
    void visit(int argument, int keyFlags);
}
