package io.granary.node.config;

import java.util.ArrayList;
import java.util.List;

/** The syntax of {@code bind}: the local addresses to listen on. */
public final class BindAddresses implements ValueSyntax {
    private static final int MOST = 16;

    /**
     * An address to listen on.
     *
     * @param host     a name, an address, {@code *} for all of IPv4 or {@code ::*} for all of IPv6
     * @param optional whether the node starts without it if the machine does not have it
     */
    public record BindAddress(String host, boolean optional) {
        /** As a socket takes it. */
        public String socketHost() {
            return switch (host) {
                case "*" -> "0.0.0.0";
                case "::*" -> "::";
                default -> host;
            };
        }

        /** Redis takes what has a colon for IPv6. */
        public boolean isIpv6() {
            return host.indexOf(':') >= 0;
        }
    }

    /** The addresses of a value in force; none means that the node does not listen on TCP. */
    public static List<BindAddress> of(String value) {
        List<BindAddress> addresses = new ArrayList<>();
        for (String word : value.isEmpty() ? new String[0] : value.split(" ")) {
            boolean optional = word.startsWith("-");
            addresses.add(new BindAddress(optional ? word.substring(1) : word, optional));
        }
        return addresses;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        if (words.size() > MOST) {
            throw new BadValueException("Too many bind addresses specified.");
        }
        return String.join(" ", words);
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return value.equals(directive.initial())
                ? List.of()
                : List.of(new RewriteLine(directive.name() + ' ' + (value.isEmpty() ? "\"\"" : value), true));
    }

    @Override
    public String shape() {
        return "up to 16 addresses; one after a - may be missing on the machine";
    }
}
