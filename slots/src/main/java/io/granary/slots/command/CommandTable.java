package io.granary.slots.command;

import io.granary.resp.Request;
import java.util.List;
import java.util.Map;

/** All commands that a node knows, found by the bytes of a request. */
public final class CommandTable<C> {

    public CommandTable(List<? extends List<? extends Command<? super C>>> families) {
        this(families, Map.of());
    }

    /** A table in which some commands answer to other names, or, where the new name is empty, to none. */
    public CommandTable(List<? extends List<? extends Command<? super C>>> families, Map<String, String> renames) {
    }

    /** The command or subcommand of a request; null if there is none. Makes no objects. */
    public Command<C> find(Request request) {
        return null;
    }

    /** The command of this name, in any case; a subcommand as {@code "client|list"}. Null if there is none. */
    public Command<C> find(String name) {
        return null;
    }

    public Command<C> find(String container, String subcommand) {
        return null;
    }

    /** All rows, subcommands too, in the order of their indexes. */
    public List<Command<C>> all() {
        return List.of();
    }

    /** How many rows there are, subcommands too. */
    public int size() {
        return 0;
    }
}
