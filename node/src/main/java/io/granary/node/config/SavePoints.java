package io.granary.node.config;

import java.util.ArrayList;
import java.util.List;

/** The syntax of {@code save}: pairs of seconds and changes after which a snapshot is written; empty for never. */
public final class SavePoints implements ValueSyntax {
    /** A snapshot is due after so many seconds if at least so many keys changed. */
    public record SavePoint(long seconds, long changes) { }

    /** The points of a value in force. */
    public static List<SavePoint> of(String value) {
        List<SavePoint> points = new ArrayList<>();
        String[] words = value.isEmpty() ? new String[0] : value.split(" ");
        for (int i = 0; i < words.length; i += 2) {
            points.add(new SavePoint(Long.parseLong(words[i]), Long.parseLong(words[i + 1])));
        }
        return points;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        if (words.size() == 1 && words.getFirst().isEmpty()) {
            return "";
        }
        if (words.size() % 2 != 0) {
            throw refused();
        }
        StringBuilder points = new StringBuilder(current);
        for (int i = 0; i < words.size(); i++) {
            NumberText text = new NumberText(words.get(i));
            text.readPrefix(10);
            if (!text.atEnd() || text.number() < (i % 2 == 0 ? 1 : 0)) {
                throw refused();
            }
            points.append(points.isEmpty() ? "" : " ").append(i % 2 == 0 ? text.number() : (int) text.number());
        }
        return points.toString();
    }

    private static BadValueException refused() {
        return new BadValueException("Invalid save parameters");
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public boolean linesAddUp() {
        return true;
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        List<RewriteLine> lines = new ArrayList<>();
        for (SavePoint point : of(value)) {
            lines.add(new RewriteLine(directive.name() + ' ' + point.seconds() + ' ' + point.changes(), true));
        }
        return lines.isEmpty() ? List.of(new RewriteLine(directive.name() + " \"\"", true)) : lines;
    }

    @Override
    public String shape() {
        return "pairs of seconds and changes, or \"\"";
    }
}
