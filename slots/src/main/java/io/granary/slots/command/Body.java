package io.granary.slots.command;

/** What a command does with one call. */
@FunctionalInterface
public interface Body<C> {

    /** Runs the command and writes its reply; throws {@link CommandException} before anything was written or changed. */
    void run(C call);
}
