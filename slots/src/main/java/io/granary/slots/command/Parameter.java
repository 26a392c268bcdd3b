package io.granary.slots.command;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * A node of a command's parameter tree.
 *
 * @param token the word that comes before the parameter, or is the parameter; null if there is none
 * @param multiple whether it may be repeated
 * @param multipleToken whether the token is then repeated too
 * @param parts the alternatives or elements; empty where the type is not compound
 */
public record Parameter(String name, ParameterType type, String token, boolean optional, boolean multiple,
                        boolean multipleToken, List<Parameter> parts) {

    static Parameter word(String word, String token) {
        int colon = word.lastIndexOf(':');
        ParameterType type = colon < 0 ? null : ParameterType.named(word.substring(colon + 1));
        String name = type == null ? word : word.substring(0, colon);
        return new Parameter(name, type == null ? ParameterType.ofWord(word) : type, token, false, false, false, List.of());
    }

    static Parameter pureToken(String token) {
        String text = token.equals("\"\"") ? "" : token;
        return new Parameter(token.toLowerCase(Locale.ROOT), ParameterType.PURE_TOKEN, text, false, false, false,
                List.of());
    }

    static Parameter oneOf(List<Parameter> alternatives) {
        return compound(ParameterType.ONEOF, "-or-", alternatives);
    }

    static Parameter block(List<Parameter> elements) {
        return compound(ParameterType.BLOCK, "-", elements);
    }

    private static Parameter compound(ParameterType type, String joint, List<Parameter> parts) {
        StringJoiner name = new StringJoiner(joint);
        for (Parameter part : parts) {
            name.add(part.name);
        }
        return new Parameter(name.toString(), type, null, false, false, false, List.copyOf(parts));
    }

    Parameter withToken(String newToken) {
        String newName = newToken != null && type.compound() ? newToken.toLowerCase(Locale.ROOT) : name;
        return new Parameter(newName, type, newToken, optional, multiple, multipleToken, parts);
    }

    Parameter asOptional() {
        return new Parameter(name, type, token, true, multiple, multipleToken, parts);
    }

    Parameter repeated(boolean withToken) {
        return new Parameter(name, type, token, optional, true, withToken, parts);
    }

    /** Whether a token stands before the value, as in {@code EX seconds}. */
    boolean led() {
        return token != null && type != ParameterType.PURE_TOKEN;
    }

    /** The fewest arguments it takes. */
    int least() {
        return optional ? 0 : leastIfThere();
    }

    private int leastIfThere() {
        int words = led() ? 1 : 0;
        return words + switch (type) {
            case BLOCK -> least(parts);
            case ONEOF -> leastOfAny();
            default -> 1;
        };
    }

    private int leastOfAny() {
        int least = parts.getFirst().leastIfThere();
        for (Parameter part : parts) {
            least = Math.min(least, part.leastIfThere());
        }
        return least;
    }

    /** The fewest arguments that all of the parameters take. */
    static int least(List<Parameter> parameters) {
        int least = 0;
        for (Parameter parameter : parameters) {
            least += parameter.least();
        }
        return least;
    }

    /** Whether the number of arguments that all of the parameters take is not always the same. */
    static boolean vary(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            if (parameter.varies()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the number of arguments it takes is not always the same. */
    boolean varies() {
        return optional || multiple || vary(parts) || type == ParameterType.ONEOF && partsDiffer();
    }

    private boolean partsDiffer() {
        for (Parameter part : parts) {
            if (part.least() != parts.getFirst().least()) {
                return true;
            }
        }
        return false;
    }
}
