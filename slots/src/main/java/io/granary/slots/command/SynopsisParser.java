package io.granary.slots.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;

/** A recursive descent through the notation that {@link Syntax} describes. */
final class SynopsisParser {

    private static final String ELLIPSIS = "...";

    private final String synopsis;
    private final List<String> lexemes = new ArrayList<>();
    private int next;

    SynopsisParser(String synopsis) {
        this.synopsis = synopsis;
        StringTokenizer tokenizer = new StringTokenizer(synopsis, " <>[]|", true);
        while (tokenizer.hasMoreTokens()) {
            String lexeme = tokenizer.nextToken();
            if (!lexeme.equals(" ")) {
                lexemes.add(lexeme);
            }
        }
    }

    List<Parameter> parse() {
        List<Parameter> parameters = sequence();
        if (next < lexemes.size()) {
            throw malformed("unexpected '" + lexemes.get(next) + "'");
        }
        return parameters;
    }

    /** Items up to a bar, a closing bracket or the end. */
    private List<Parameter> sequence() {
        List<Parameter> items = new ArrayList<>();
        while (next < lexemes.size() && !isAny(lexemes.get(next), "|", ">", "]")) {
            String lexeme = lexemes.get(next++);
            switch (lexeme) {
                case "<" -> items.add(group(">"));
                case "[" -> optional(items);
                case ELLIPSIS -> repeatLast(items);
                default -> items.add(isToken(lexeme) ? token(lexeme) : Parameter.word(lexeme, null));
            }
        }
        return items;
    }

    private Parameter token(String token) {
        String behind = next < lexemes.size() ? lexemes.get(next) : "|";
        if (behind.equals("<")) {
            next++;
            return group(">").withToken(token);
        }
        if (isAny(behind, "[", "]", ">", "|", ELLIPSIS) || isToken(behind)) {
            return Parameter.pureToken(token);
        }
        next++;
        return Parameter.word(behind, token);
    }

    /** What stands between square brackets: an optional part, or the repetition of what came before. */
    private void optional(List<Parameter> before) {
        int end = closing();
        if (lexemes.get(end - 1).equals(ELLIPSIS)) {
            lexemes.remove(end - 1);
            repetition(before);
        } else {
            before.add(group("]").asOptional());
        }
    }

    /** Where the square bracket is closed that was just opened. */
    private int closing() {
        int depth = 1;
        for (int i = next; i < lexemes.size(); i++) {
            if (lexemes.get(i).equals("[")) {
                depth++;
            } else if (lexemes.get(i).equals("]") && --depth == 0) {
                return i;
            }
        }
        throw malformed("no ']'");
    }

    /** One of several, or a block, up to the closing bracket. */
    private Parameter group(String close) {
        List<Parameter> alternatives = alternatives(close);
        return alternatives.size() == 1 ? alternatives.getFirst() : Parameter.oneOf(alternatives);
    }

    /** {@code [unit ...]}: repeats the unit if it just stood there, else it may come any number of times. */
    private void repetition(List<Parameter> before) {
        List<Parameter> unit = sequence();
        close("]");
        int start = before.size() - unit.size();
        List<Parameter> last = start < 0 ? List.of() : before.subList(start, before.size());
        boolean again = last.equals(unit);
        if (again || bare(last).equals(unit)) {
            Parameter whole = single(List.copyOf(last));
            last.clear();
            before.add(whole.repeated(again && whole.led()));
        } else {
            before.add(single(unit).repeated(false).asOptional());
        }
    }

    /** The items without the token that leads the first of them. */
    private static List<Parameter> bare(List<Parameter> items) {
        List<Parameter> bare = new ArrayList<>(items);
        if (!items.isEmpty() && items.getFirst().led()) {
            bare.set(0, items.getFirst().withToken(null));
        }
        return bare;
    }

    private void repeatLast(List<Parameter> items) {
        if (items.isEmpty()) {
            throw malformed("nothing to repeat");
        }
        items.add(items.removeLast().repeated(false));
    }

    private List<Parameter> alternatives(String close) {
        List<Parameter> alternatives = new ArrayList<>();
        boolean more = true;
        while (more) {
            List<Parameter> items = sequence();
            if (items.isEmpty()) {
                throw malformed("an empty alternative");
            }
            alternatives.add(single(items));
            more = next < lexemes.size() && lexemes.get(next).equals("|");
            next += more ? 1 : 0;
        }
        close(close);
        return alternatives;
    }

    private void close(String bracket) {
        if (next == lexemes.size() || !lexemes.get(next).equals(bracket)) {
            throw malformed("no '" + bracket + "'");
        }
        next++;
    }

    /** Several items as a block, to which the token of the first is lifted if two or more items are mandatory. */
    private static Parameter single(List<Parameter> items) {
        if (items.size() == 1) {
            return items.getFirst();
        }
        Parameter first = items.getFirst();
        boolean lift = first.led() && mandatory(items) > 1;
        return lift ? Parameter.block(bare(items)).withToken(first.token()) : Parameter.block(items);
    }

    private static int mandatory(List<Parameter> items) {
        int count = 0;
        for (Parameter item : items) {
            count += item.optional() ? 0 : 1;
        }
        return count;
    }

    private static boolean isToken(String lexeme) {
        return !lexeme.equals(ELLIPSIS) && lexeme.equals(lexeme.toUpperCase(Locale.ROOT));
    }

    private static boolean isAny(String lexeme, String... others) {
        for (String other : others) {
            if (lexeme.equals(other)) {
                return true;
            }
        }
        return false;
    }

    private IllegalArgumentException malformed(String why) {
        return new IllegalArgumentException("synopsis \"" + synopsis + "\": " + why);
    }
}
