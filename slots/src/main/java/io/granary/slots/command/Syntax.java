package io.granary.slots.command;

import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of a command as its synopsis tells them, and what follows from them: the arity and where the keys are.
 *
 * <p>The notation is that of Redis's documentation. A word in lower case is a value, one without lower case letters a token;
 * a token before a value or a {@code <group>} belongs to it ({@code EX seconds}). {@code [x]} may be left out,
 * {@code <x | y>} and {@code [x | y]} are alternatives, {@code key [key ...]}, {@code key value [key value ...]} and
 * {@code <x | y> ...} repeat. The type of a value follows from its word ({@link ParameterType}), unless it is
 * said: {@code increment:double}. Alternatives and optional parts of several values are blocks; a token that opens a block
 * of two mandatory values names the whole block ({@code [TO host port [FORCE]]}), otherwise only the value behind it
 * ({@code [COUNT count [ANY]]}).
 */
public final class Syntax {

    private final String synopsis;
    private final List<Parameter> parameters;

    private Syntax(String synopsis, List<Parameter> parameters) {
        this.synopsis = synopsis;
        this.parameters = List.copyOf(parameters);
    }

    /** Reads a synopsis; one that is not well-formed is a programming error and refused. */
    public static Syntax of(String synopsis) {
        return new Syntax(synopsis, new SynopsisParser(synopsis).parse());
    }

    public List<Parameter> parameters() {
        return parameters;
    }

    /** The synopsis for readers, without the types that only this class needs. */
    public String text() {
        return synopsis.replaceAll(":(string|integer|double|key|pattern|unix-time)\\b", "");
    }

    /** The number of arguments including the {@code words} of the name; negative if that is only the least. */
    int arity(int words) {
        int least = words + Parameter.least(parameters);
        return Parameter.vary(parameters) ? -least : least;
    }

    /**
     * Where the keys are, one place for each key parameter outside of repetitions. The name of the command takes
     * {@code words} arguments, so the first parameter is the argument of that number.
     */
    List<KeyPlace> keyPlaces(int words) {
        List<KeyPlace> places = new ArrayList<>();
        int position = words;
        boolean fixed = true;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            keysBehindTokens(parameter, position, places);
            KeyPlace place = fixed && !parameter.led() ? keyAt(position, i) : null;
            if (place != null) {
                places.add(place);
            }
            position += parameter.least();
            fixed &= !parameter.varies();
        }
        return places;
    }

    /** The keys of parameter {@code i}, which begins at a fixed place. */
    private KeyPlace keyAt(int position, int i) {
        Parameter parameter = parameters.get(i);
        return switch (parameter.type()) {
            case KEY -> parameter.multiple() ? repeatedKeyAt(position, i) : KeyPlace.at(position, 0, 1);
            case BLOCK -> parameter.multiple() && startsWithKey(parameter)
                    ? KeyPlace.at(position, -1, parameter.parts().size())
                    : null;
            case ONEOF -> startsWithKey(parameter) && !parameter.parts().getFirst().led()
                    ? KeyPlace.at(position, 0, 1)
                    : null;
            default -> null;
        };
    }

    private KeyPlace repeatedKeyAt(int position, int i) {
        if (i > 0 && parameters.get(i - 1).name().equals("numkeys")) {
            return new KeyPlace(new KeySpec.Index(position - 1), new KeySpec.KeyCount(0, 1, 1));
        }
        int behind = Parameter.least(parameters.subList(i + 1, parameters.size()));
        return KeyPlace.at(position, -1 - behind, 1);
    }

    private static boolean startsWithKey(Parameter compound) {
        return compound.parts().getFirst().type() == ParameterType.KEY;
    }

    /** {@code STORE destination}: behind a word that may come anywhere from {@code position} on. */
    private static void keysBehindTokens(Parameter parameter, int position, List<KeyPlace> places) {
        if (!parameter.led()) {
            if (parameter.type() == ParameterType.ONEOF) {
                for (Parameter part : parameter.parts()) {
                    keysBehindTokens(part, position, places);
                }
            }
            return;
        }
        KeySpec.Begin begin = new KeySpec.Keyword(parameter.token(), position);
        if (parameter.type() == ParameterType.KEY) {
            places.add(new KeyPlace(begin, new KeySpec.Range(parameter.multiple() ? -1 : 0, 1, 0)));
        } else if (parameter.type() == ParameterType.BLOCK && startsWithKey(parameter)) {
            places.add(new KeyPlace(begin, new KeySpec.Range(-1, 1, parameter.parts().size())));
        }
    }

    /** Where one key, or a row of them, is found. */
    record KeyPlace(KeySpec.Begin begin, KeySpec.Find find) {

        static KeyPlace at(int position, int last, int step) {
            return new KeyPlace(new KeySpec.Index(position), new KeySpec.Range(last, step, 0));
        }
    }
}
