package io.granary.node.config;

/** The reference of all directives, written from their table. */
public final class ConfigurationReference {
    private static final String INTRODUCTION = """
            # Configuration

            This page is written from the table of directives (`io.granary.node.config`); a test compares the two.

            A node takes `granary-server [file.conf] [--directive value ...] [-]`. The file has one directive a line, as
            redis.conf: `#` begins a comment, `"double"` and `'single'` quotes keep blanks together (double ones know `\\n`
            and `\\xHH`), `include` takes a file or a pattern, names may be in any case, and the last line of a directive
            wins. `-` reads more lines from the standard input; the directives of the command line are read last. There,
            dashes in names may be underscores or left out, and `true` and `false` stand for `yes` and `no`. Sizes take
            units: `1k` is 1000 bytes, `1kb` 1024, and so on with `m`, `mb`, `g`, `gb`.

            All names of redis.conf (Redis 7.4) are known. *Effect* says what this version makes of one: **yes** means that
            a part of the node obeys it; *accepted* means that it is read, shown by CONFIG GET and kept by CONFIG REWRITE,
            and has no effect. A node says at its start which of the directives that it was given have none. *CONFIG SET*
            says whether the value can be changed while the node runs; `dir` and `dbfilename` only if
            `enable-protected-configs` allows it. Hidden directives are shown by CONFIG GET only when asked by their full
            name.

            `rename-command` gives a command another name, or none. Refused with a message: `user` lines and `aclfile` (use
            `requirepass`), `loadmodule` and directives of modules, `sentinel`.

            `daemonize yes` is obeyed by `bin/granary-server`, since a JVM cannot leave the terminal by itself.
            """;

    private ConfigurationReference() { }

    /** The whole page, in Markdown. */
    public static String markdown() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        for (Directives.Part part : Directives.parts()) {
            page.append("\n## ").append(part.title()).append("\n\n");
            page.append("| directive | values | default | CONFIG SET | effect | what it is |\n");
            page.append("|---|---|---|---|---|---|\n");
            for (Directive directive : part.table()) {
                appendRow(page, directive);
            }
        }
        return page.toString();
    }

    private static void appendRow(StringBuilder page, Directive directive) {
        page.append("| `").append(directive.name()).append('`');
        if (directive.alias() != null) {
            page.append("<br>`").append(directive.alias()).append('`');
        }
        if (directive.isHidden()) {
            page.append(" (hidden)");
        }
        page.append(" | ").append(directive.syntax().shape());
        page.append(" | ").append(directive.initial().isEmpty() ? "`\"\"`" : '`' + directive.initial() + '`');
        page.append(" | ").append(directive.isFixed() ? "no" : directive.isGuarded() ? "protected" : "yes");
        page.append(" | ").append(directive.isEffective() ? "**yes**" : "accepted, no effect");
        page.append(" | ").append(directive.summary()).append(" |\n");
    }
}
