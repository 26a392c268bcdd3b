package io.granary.slots.command;

import io.granary.resp.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All commands that a node knows, found by the bytes of a request.
 *
 * @param <C> the kind of call that the node makes
 */
public final class CommandTable<C> {

    private final NameIndex<C> names;
    private final List<Command<C>> commands;
    private final List<Command<C>> all;

    public CommandTable(List<? extends List<? extends Command<? super C>>> families) {
        this(families, Map.of());
    }

    /**
     * A table in which some commands answer to other names, or, where the new name is empty, to none. The keys of
     * {@code renames} are names of commands in any case; one that does not exist, or a new name that is taken, is refused
     * with Redis's words for a configuration file.
     */
    public CommandTable(List<? extends List<? extends Command<? super C>>> families, Map<String, String> renames) {
        Map<String, Command<? super C>> tops = new LinkedHashMap<>();
        Map<String, List<Command<? super C>>> subs = new LinkedHashMap<>();
        for (List<? extends Command<? super C>> family : families) {
            for (Command<? super C> row : family) {
                declare(row, tops, subs);
            }
        }
        for (String container : subs.keySet()) {
            if (!tops.containsKey(container)) {
                throw new IllegalArgumentException("subcommands of " + container + ", but no row for itself");
            }
        }
        for (Map.Entry<String, String> entry : renames.entrySet()) {
            rename(tops, entry.getKey(), entry.getValue());
        }
        List<Command<C>> numbered = new ArrayList<>();
        List<Command<C>> top = new ArrayList<>();
        for (Command<? super C> row : tops.values()) {
            top.add(number(row, subs.getOrDefault(row.name(), List.of()), numbered));
        }
        names = new NameIndex<>(List.copyOf(tops.keySet()), top);
        commands = List.copyOf(top);
        all = List.copyOf(numbered);
    }

    private static <C> void declare(Command<? super C> row, Map<String, Command<? super C>> tops,
                                    Map<String, List<Command<? super C>>> subs) {
        int space = row.name().indexOf(' ');
        boolean twice;
        if (space < 0) {
            twice = tops.put(row.name(), row) != null;
        } else {
            String container = row.name().substring(0, space);
            subs.putIfAbsent(container, new ArrayList<>());
            twice = declares(subs.get(container), row.name());
            subs.get(container).add(row);
        }
        if (twice) {
            throw new IllegalArgumentException("two rows for " + row.name());
        }
    }

    private static <C> boolean declares(List<Command<? super C>> rows, String name) {
        for (Command<? super C> row : rows) {
            if (row.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static <C> void rename(Map<String, Command<? super C>> tops, String from, String to) {
        Command<? super C> row = tops.remove(from.toUpperCase(Locale.ROOT));
        if (row == null) {
            throw new IllegalArgumentException("No such command in rename-command");
        }
        if (!to.isEmpty() && tops.putIfAbsent(to.toUpperCase(Locale.ROOT), row) != null) {
            throw new IllegalArgumentException("Target command name already exists");
        }
    }

    private static <C> Command<C> number(Command<? super C> declared, List<Command<? super C>> declaredSubs,
                                         List<Command<C>> numbered) {
        Command<C> row = Command.row(declared, numbered.size(), null);
        numbered.add(row);
        List<Command<C>> subs = new ArrayList<>();
        for (Command<? super C> sub : declaredSubs) {
            subs.add(Command.row(sub, numbered.size(), row));
            numbered.add(subs.getLast());
        }
        if (!subs.isEmpty()) {
            row.subcommands(subs);
        }
        return row;
    }

    /**
     * The command or subcommand of a request; null if there is none. A container that comes alone is found itself. Makes no
     * objects.
     */
    public Command<C> find(Request request) {
        Command<C> command = names.find(request, 0);
        if (command == null || command.subcommandNames() == null || request.count() == 1) {
            return command;
        }
        return command.subcommandNames().find(request, 1);
    }

    /** Whether the first word of a request has subcommands: the second is unknown then if nothing was found. */
    public boolean isContainer(Request request) {
        Command<C> command = names.find(request, 0);
        return command != null && command.subcommandNames() != null;
    }

    /** What to answer to a request for which nothing was found. */
    public CommandException unknown(Request request) {
        return isContainer(request) ? Errors.unknownSubcommand(request) : Errors.unknownCommand(request);
    }

    /** The command of this name, in any case; a subcommand as {@code "client|list"}. Null if there is none. */
    public Command<C> find(String name) {
        int bar = name.indexOf('|');
        return bar < 0 ? names.find(name) : find(name.substring(0, bar), name.substring(bar + 1));
    }

    /** The subcommand, both names in any case; null if there is none. */
    public Command<C> find(String container, String subcommand) {
        Command<C> command = names.find(container);
        return command == null || command.subcommandNames() == null ? null : command.subcommandNames().find(subcommand);
    }

    /** The commands without subcommands, as COMMAND COUNT counts them. */
    public List<Command<C>> commands() {
        return commands;
    }

    /** All rows, subcommands too, in the order of their indexes. */
    public List<Command<C>> all() {
        return all;
    }

    /** How many rows there are, subcommands too. */
    public int size() {
        return all.size();
    }
}
