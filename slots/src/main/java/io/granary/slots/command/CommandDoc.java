package io.granary.slots.command;

import java.util.ArrayList;
import java.util.List;

/**
 * What the documentation says of a command.
 *
 * @param since the version of Redis that brought it
 * @param deprecatedSince null if it is not deprecated
 * @param replacedBy what to use in its place; null if it is not deprecated
 * @param system whether it is meant for the server's own use
 */
public record CommandDoc(String since, String complexity, String summary, List<Change> history, String deprecatedSince,
                         String replacedBy, boolean system) {

    static final CommandDoc NONE = new CommandDoc("", "", "", List.of(), null, null, false);

    /** A change of the command's behaviour in some version. */
    public record Change(String since, String text) {
    }

    CommandDoc with(String newSince, String newComplexity, String newSummary) {
        return new CommandDoc(newSince, newComplexity, newSummary, history, deprecatedSince, replacedBy, system);
    }

    CommandDoc with(Change change) {
        List<Change> longer = new ArrayList<>(history);
        longer.add(change);
        return new CommandDoc(since, complexity, summary, List.copyOf(longer), deprecatedSince, replacedBy, system);
    }

    CommandDoc deprecated(String inVersion, String replacement) {
        return new CommandDoc(since, complexity, summary, history, inVersion, replacement, system);
    }

    CommandDoc forSystem() {
        return new CommandDoc(since, complexity, summary, history, deprecatedSince, replacedBy, true);
    }
}
