package io.granary.slots.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The reference of all commands for readers, in Markdown: generated from the table, so that it cannot lie. */
public final class CommandReference {

    private static final String INTRODUCTION = """
            # Commands

            Generated from the command table; a test keeps it so. `[x]` may be left out, `<x | y>` and `[x | y]` are
            alternatives, `[x ...]` repeats. *Since* is the version of Redis that brought the command.
            """;

    private CommandReference() {
    }

    /** The reference as a whole file, the last line ended. */
    public static String markdown(CommandTable<?> table) {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        long commands = runnable(table.all()).count();
        text.append("\n%d commands and subcommands.\n".formatted(commands));
        for (Group group : Group.values()) {
            List<? extends Command<?>> rows = runnable(table.all()).filter(row -> row.group() == group)
                    .sorted(Comparator.comparing(Command::name)).toList();
            if (!rows.isEmpty()) {
                text.append(section(group, rows));
            }
        }
        return text.toString();
    }

    /** Rows that do something: a container alone only has subcommands. */
    private static Stream<? extends Command<?>> runnable(List<? extends Command<?>> rows) {
        return rows.stream().filter(row -> row.body() != null);
    }

    private static String section(Group group, List<? extends Command<?>> rows) {
        String name = group.text().replace('-', ' ');
        StringBuilder section = new StringBuilder("\n## " + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1)
                + "\n\n| command | arguments | since | complexity | |\n|---|---|---|---|---|\n");
        for (Command<?> row : rows) {
            List<String> cells = new ArrayList<>(List.of(code(row.name()), code(row.syntax().text()), row.doc().since(),
                    escaped(row.doc().complexity()), escaped(row.doc().summary()) + deprecation(row.doc())));
            section.append("| ").append(String.join(" | ", cells)).append(" |\n");
        }
        return section.toString();
    }

    private static String deprecation(CommandDoc doc) {
        return doc.deprecatedSince() == null ? "" : " Deprecated since " + doc.deprecatedSince()
                + (doc.replacedBy().isEmpty() ? "." : ": use " + escaped(doc.replacedBy()) + ".");
    }

    private static String code(String text) {
        return text.isEmpty() ? "" : "`" + escaped(text) + "`";
    }

    /** A bar would end the cell of a table, also within code. */
    private static String escaped(String text) {
        return text.replace("|", "\\|");
    }
}
