package io.granary.node.config;

import java.util.List;

/** The syntax of {@code replicaof}: host and port of the primary, or {@code no one}. */
final class PrimaryAddress implements ValueSyntax {
    @Override
    public String parse(List<String> given, String current) throws BadValueException {
        List<String> words = given.size() == 1 ? hostAndPort(given.getFirst()) : given;
        if (words.size() != 2) {
            throw new BadValueException("wrong number of arguments");
        }
        String host = words.get(0);
        if (host.equalsIgnoreCase("no") && words.get(1).equalsIgnoreCase("one")) {
            return "";
        }
        NumberText port = new NumberText(words.get(1));
        port.readPrefix(10);
        if (port.number() < 0 || port.number() > 65535 || !port.atEnd()) {
            throw new BadValueException("Invalid master port");
        }
        return host + ' ' + port.number();
    }

    /** {@code host:port}, the spelling of Duva's flag. */
    private static List<String> hostAndPort(String word) {
        int colon = word.lastIndexOf(':');
        return colon > 0 ? List.of(word.substring(0, colon), word.substring(colon + 1)) : List.of(word);
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return value.isEmpty() ? List.of() : List.of(new RewriteLine(directive.name() + ' ' + value, true));
    }

    @Override
    public String shape() {
        return "host and port, or no one";
    }
}
