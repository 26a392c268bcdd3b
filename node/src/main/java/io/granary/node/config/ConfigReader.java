package io.granary.node.config;

import io.granary.persistence.disk.DiskReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the file, the standard input and the options into a configuration, line by line; the last of a directive wins. */
final class ConfigReader {
    /** Files that include each other end here rather than on a full stack. */
    private static final int DEEPEST_INCLUDE = 64;

    private final Configuration configuration;
    /** Directives whose lines add up and whose default has already been dropped. */
    private final Set<String> started = new HashSet<>();
    private int depth;

    ConfigReader(Configuration configuration) {
        this.configuration = configuration;
    }

    void read(ServerArguments arguments, InputStream standardInput) throws ConfigFileException {
        StringBuilder text = new StringBuilder();
        if (arguments.file() != null) {
            appendFiles(text, arguments.file());
        }
        if (arguments.standardInput()) {
            appendStandardInput(text, standardInput);
        }
        int fileLines = arguments.any() ? countLines(text) : 0;
        if (arguments.any()) {
            text.append('\n').append(arguments.options());
        }
        readLines(text.toString(), fileLines);
    }

    private static int countLines(CharSequence text) {
        int lines = 1;
        for (int i = 0; i < text.length(); i++) {
            lines += text.charAt(i) == '\n' ? 1 : 0;
        }
        return lines;
    }

    private void appendStandardInput(StringBuilder text, InputStream standardInput) throws ConfigFileException {
        endLine(text);
        try {
            text.append(new String(standardInput.readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException failure) {
            throw ConfigFileException.unreadable("-", failure.getMessage());
        }
    }

    /** Appends a file, or all files that a pattern names, in the order of their names; a pattern may name none. */
    private void appendFiles(StringBuilder text, String name) throws ConfigFileException {
        boolean pattern = name.indexOf('*') >= 0 || name.indexOf('?') >= 0 || name.indexOf('[') >= 0;
        try {
            if (pattern) {
                for (Path file : FilePattern.expand(configuration.directory(), Latin1.toUtf8(name))) {
                    appendFile(text, file);
                }
            } else {
                appendFile(text, configuration.directory().resolve(Latin1.toUtf8(name)));
            }
        } catch (InvalidPathException _) {
            throw ConfigFileException.unreadable(name, "No such file or directory");
        }
    }

    private static void appendFile(StringBuilder text, Path file) throws ConfigFileException {
        try {
            // A folder can be opened, and then has nothing to read: redis-server takes it for an empty file.
            if (!Files.isDirectory(file)) {
                endLine(text);
                text.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        } catch (IOException failure) {
            throw ConfigFileException.unreadable(Latin1.ofUtf8(file.toString()), DiskReason.of(failure));
        }
    }

    /** The last line of a file may lack its end; it must not run into what is read after it. */
    private static void endLine(StringBuilder text) {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
    }

    private void readLines(String text, int fileLines) throws ConfigFileException {
        int number = 0;
        for (int from = 0; from <= text.length(); ) {
            int to = text.indexOf('\n', from);
            to = to < 0 ? text.length() : to;
            String line = ConfigLine.trimmed(text, from, to);
            from = to + 1;
            number++;
            if (!line.isEmpty() && line.charAt(0) != '#') {
                readLine(number, line, fileLines > 0 && number > fileLines);
            }
        }
        configuration.settle();
    }

    private void readLine(int number, String line, boolean option) throws ConfigFileException {
        List<String> words = ConfigLine.words(line);
        if (words == null) {
            throw ConfigFileException.badLine(number, line, "Unbalanced quotes in configuration line");
        }
        if (words.isEmpty()) {
            return;
        }
        String name = Latin1.lower(words.getFirst());
        List<String> values = words.subList(1, words.size());
        try {
            Setting setting = configuration.find(name);
            if (setting == null && option) {
                setting = configuration.findLoosely(name);
            }
            if (setting == null) {
                readSpecial(name, values);
            } else {
                assign(setting, option ? spelledAsYesOrNo(setting, values) : values);
            }
        } catch (BadValueException refused) {
            throw ConfigFileException.badLine(number, line, refused.getMessage());
        }
    }

    /** The command line takes {@code true} and {@code false} too, which users of other servers type. */
    private static List<String> spelledAsYesOrNo(Setting setting, List<String> values) {
        if (!(setting instanceof BooleanSetting) || values.size() != 1) {
            return values;
        }
        return switch (Latin1.lower(values.getFirst())) {
            case "true" -> List.of("yes");
            case "false" -> List.of("no");
            default -> values;
        };
    }

    private void assign(Setting setting, List<String> values) throws BadValueException {
        ValueSyntax syntax = setting.directive().syntax();
        if (!syntax.takesManyWords() && values.size() != 1) {
            throw new BadValueException("wrong number of arguments");
        }
        List<String> words = values;
        if (syntax.takesManyWords() && values.size() == 1 && !values.getFirst().isEmpty()) {
            List<String> inside = ConfigLine.words(values.getFirst());
            words = inside == null ? List.of() : inside;
        }
        boolean first = syntax.linesAddUp() && started.add(setting.name());
        configuration.assignFromFile(setting, syntax.parse(words, first ? "" : setting.raw()));
    }

    private void readSpecial(String name, List<String> values) throws BadValueException, ConfigFileException {
        boolean known = switch (name) {
            case "list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands" -> values.size() == 1;
            case "include" -> values.size() == 1 && include(values.getFirst());
            case "rename-command" -> values.size() == 2 && configuration.rename(values.get(0), values.get(1));
            case "user" -> !values.isEmpty() && refuse("Error in user declaration '" + values.getFirst()
                    + "': users are not supported, use requirepass");
            case "loadmodule" -> !values.isEmpty() && refuse("modules are not supported");
            case "sentinel" -> !values.isEmpty() && refuse("sentinel directive while not in sentinel mode");
            default -> name.indexOf('.') >= 0
                    && refuse(values.isEmpty() ? "Module config specified without value" : "modules are not supported");
        };
        if (!known) {
            throw new BadValueException("Bad directive or wrong number of arguments");
        }
    }

    private static boolean refuse(String reason) throws BadValueException {
        throw new BadValueException(reason);
    }

    private boolean include(String name) throws BadValueException, ConfigFileException {
        if (++depth > DEEPEST_INCLUDE) {
            throw new BadValueException("too many files include each other");
        }
        StringBuilder text = new StringBuilder();
        appendFiles(text, name);
        readLines(text.toString(), 0);
        depth--;
        return true;
    }
}
