package io.granary.node.config;

import java.util.ArrayList;
import java.util.List;

/** The syntax of {@code cluster-seed-nodes}: where the nodes are that make up the cluster at first. */
public final class SeedNodes implements ValueSyntax {
    private static final int MOST = 256;
    private static final int PORT_MOST = 65535;

    /**
     * Where a node listens for clients.
     *
     * @param host a name or an address
     */
    public record Seed(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
        }
    }

    /** The seeds of a value in force. */
    public static List<Seed> of(String value) {
        List<Seed> seeds = new ArrayList<>();
        for (String word : value.isEmpty() ? new String[0] : value.split(",")) {
            int colon = word.lastIndexOf(':');
            String host = word.substring(0, colon);
            boolean brackets = host.startsWith("[");
            seeds.add(new Seed(brackets ? host.substring(1, host.length() - 1) : host,
                    Integer.parseInt(word.substring(colon + 1))));
        }
        return seeds;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        List<String> seeds = new ArrayList<>();
        for (String word : String.join(",", words).split(",")) {
            if (!word.isEmpty()) {
                check(word);
                if (seeds.contains(word)) {
                    throw new BadValueException(word + " is listed twice");
                }
                seeds.add(word);
            }
        }
        if (seeds.size() > MOST) {
            throw new BadValueException("there may be " + MOST + " seed nodes");
        }
        return String.join(",", seeds);
    }

    private static void check(String word) throws BadValueException {
        int colon = word.lastIndexOf(':');
        String host = colon < 0 ? "" : word.substring(0, colon);
        NumberText port = new NumberText(word.substring(colon + 1));
        port.readPrefix(10);
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        boolean isHost = !host.isEmpty() && (brackets ? host.length() > 2 : host.indexOf(':') < 0);
        if (!isHost || word.endsWith(":") || !port.atEnd() || port.number() < 1 || port.number() > PORT_MOST) {
            throw new BadValueException("'" + word + "' is not a host and a port, like node1:6379");
        }
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
        return "host:port, separated by commas";
    }
}
