package io.granary.slots.commands;

import io.granary.resp.Frame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What two servers say differently of the commands that both have: their answers to COMMAND and to COMMAND DOCS, compared as
 * far as clients act upon them. Texts for readers, such as summaries, are not compared, nor are the names of arguments.
 */
public final class CommandComparison {

    private static final List<String> NUMBERS = List.of("first key", "last key", "step");

    private final List<Difference> differences = new ArrayList<>();

    private CommandComparison() {
    }

    /** A fact of a command as each of the two tells it. */
    public record Difference(String command, String fact, String ours, String theirs) {

        @Override
        public String toString() {
            return command + ", " + fact + ": " + ours + " where theirs is " + theirs;
        }
    }

    /** Compares answers to COMMAND or COMMAND INFO, in either protocol. */
    public static List<Difference> ofInfo(Frame ours, Frame theirs) {
        CommandComparison comparison = new CommandComparison();
        comparison.info(rows(ours), rows(theirs));
        return comparison.differences;
    }

    /** Compares answers to COMMAND DOCS, in either protocol. */
    public static List<Difference> ofDocs(Frame ours, Frame theirs) {
        CommandComparison comparison = new CommandComparison();
        comparison.docs(map(ours), map(theirs));
        return comparison.differences;
    }

    private void info(Map<String, List<Frame>> ours, Map<String, List<Frame>> theirs) {
        ours.forEach((name, row) -> {
            if (theirs.containsKey(name)) {
                infoOf(name, row, theirs.get(name));
            }
        });
    }

    private void infoOf(String name, List<Frame> ours, List<Frame> theirs) {
        fact(name, "arity", ours.get(1).text(), theirs.get(1).text());
        fact(name, "flags", words(ours.get(2)), words(theirs.get(2)));
        for (int i = 0; i < NUMBERS.size(); i++) {
            fact(name, NUMBERS.get(i), ours.get(3 + i).text(), theirs.get(3 + i).text());
        }
        fact(name, "categories", words(ours.get(6)), words(theirs.get(6)));
        fact(name, "tips", words(ours.get(7)), words(theirs.get(7)));
        fact(name, "key specifications", show(ours.get(8)), show(theirs.get(8)));
        info(rows(ours.get(9)), rows(theirs.get(9)));
    }

    private void docs(Map<String, Frame> ours, Map<String, Frame> theirs) {
        ours.forEach((name, entry) -> {
            if (theirs.containsKey(name)) {
                docsOf(name, map(entry), map(theirs.get(name)));
            }
        });
    }

    private void docsOf(String name, Map<String, Frame> ours, Map<String, Frame> theirs) {
        for (String text : List.of("group", "since", "deprecated_since")) {
            fact(name, text, show(ours.get(text)), show(theirs.get(text)));
        }
        fact(name, "doc_flags", words(ours.get("doc_flags")), words(theirs.get("doc_flags")));
        fact(name, "arguments", arguments(ours.get("arguments")), arguments(theirs.get("arguments")));
        docs(map(ours.get("subcommands")), map(theirs.get("subcommands")));
    }

    private void fact(String command, String fact, String ours, String theirs) {
        if (!Objects.equals(ours, theirs)) {
            differences.add(new Difference(command, fact, ours, theirs));
        }
    }

    private static Map<String, List<Frame>> rows(Frame rows) {
        Map<String, List<Frame>> byName = new LinkedHashMap<>();
        for (Frame row : rows.items()) {
            if (!(row instanceof Frame.Null)) {
                byName.put(row.items().getFirst().text(), row.items());
            }
        }
        return byName;
    }

    /** A map, or the flat array that stands for one in RESP2. */
    private static Map<String, Frame> map(Frame frame) {
        Map<String, Frame> entries = new LinkedHashMap<>();
        switch (frame) {
            case null -> { }
            case Frame.MapFrame map -> map.pairs().forEach(pair -> entries.put(pair.key().text(), pair.value()));
            default -> {
                List<Frame> items = frame.items();
                for (int i = 0; i < items.size(); i += 2) {
                    entries.put(items.get(i).text(), items.get(i + 1));
                }
            }
        }
        return entries;
    }

    /** The texts of a set, in order. */
    private static String words(Frame set) {
        return set == null ? "none"
                : set.items().stream().map(Frame::text).collect(Collectors.toCollection(TreeSet::new)).toString();
    }

    private static String show(Frame frame) {
        return switch (frame) {
            case null -> "none";
            case Frame.MapFrame map -> map.pairs().stream().map(pair -> show(pair.key()) + "=" + show(pair.value()))
                    .collect(Collectors.joining(" ", "{", "}"));
            case Frame.Array array -> showAll(array.items());
            case Frame.SetFrame set -> showAll(set.items());
            default -> frame.text();
        };
    }

    private static String showAll(List<Frame> frames) {
        return frames.stream().map(CommandComparison::show).collect(Collectors.joining(" ", "[", "]"));
    }

    /** The tree of arguments in a short notation: tokens, types and flags, one after the other. */
    private static String arguments(Frame arguments) {
        return arguments == null ? ""
                : arguments.items().stream().map(item -> argument(map(item))).collect(Collectors.joining(" "));
    }

    private static String argument(Map<String, Frame> argument) {
        String token = argument.containsKey("token") ? argument.get("token").text().toUpperCase(Locale.ROOT) + ":" : "";
        String spec = argument.containsKey("key_spec_index") ? "#" + argument.get("key_spec_index").text() : "";
        String flags = argument.containsKey("flags") ? words(argument.get("flags")) : "";
        Frame parts = argument.get("arguments");
        String tree = parts == null ? "" : "(" + arguments(parts) + ")";
        return token + argument.get("type").text() + spec + flags + tree;
    }
}
