package io.granary.node.config;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The syntax of {@code cluster-endpoint-rule}: networks of clients, and what nodes are named by to clients from there. */
public final class EndpointRules implements ValueSyntax {
    private static final int MOST = 64;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int IPV4_OFFSET = IPV6_BYTES - IPV4_BYTES;
    private static final OneOf ENDPOINTS = new OneOf("ip", "hostname", "unknown-endpoint");

    /**
     * What clients from a network are told; the first rule whose network has the client is the one that counts.
     *
     * @param network  the address, its bits behind the prefix zero
     * @param prefix   how many of its leading bits the client's address must share
     * @param endpoint a value of {@code cluster-preferred-endpoint-type}
     */
    public record Rule(InetAddress network, int prefix, String endpoint) {
        /** Whether the client comes from the network; an IPv4 address in IPv6's clothes is an IPv4 address. */
        public boolean has(InetAddress client) {
            byte[] wanted = network.getAddress();
            byte[] bytes = plain(client.getAddress());
            return bytes.length == wanted.length && Arrays.equals(masked(bytes, prefix), wanted);
        }

        @Override
        public String toString() {
            return InetAddresses.toAddrString(network) + '/' + prefix + ' ' + endpoint;
        }
    }

    /** The rules of a value in force. */
    public static List<Rule> of(String value) {
        String[] words = value.isEmpty() ? new String[0] : value.split(" ");
        List<Rule> rules = new ArrayList<>();
        try {
            for (int i = 0; i < words.length; i += 2) {
                rules.add(rule(words[i], words[i + 1]));
            }
        } catch (BadValueException impossible) {
            throw new IllegalArgumentException("no value in force: " + value, impossible);
        }
        return rules;
    }

    @Override
    public String parse(List<String> words, String current) throws BadValueException {
        if (words.size() == 1 && words.getFirst().isEmpty()) {
            return "";
        }
        if (words.size() % 2 != 0) {
            throw new BadValueException("a network and an endpoint type are expected, like 10.0.0.0/8 ip");
        }
        List<Rule> rules = of(current);
        for (int i = 0; i < words.size(); i += 2) {
            rules.add(rule(words.get(i), words.get(i + 1)));
        }
        if (rules.size() > MOST) {
            throw new BadValueException("there may be " + MOST + " rules");
        }
        return String.join(" ", rules.stream().map(Rule::toString).toList());
    }

    private static Rule rule(String network, String endpoint) throws BadValueException {
        int slash = network.indexOf('/');
        String literal = slash < 0 ? network : network.substring(0, slash);
        if (!InetAddresses.isInetAddress(literal)) {
            throw new BadValueException("'" + network + "' is not a network, like 10.0.0.0/8 or fd00::/8");
        }
        byte[] address = InetAddresses.forString(literal).getAddress();
        int bits = address.length * Byte.SIZE;
        int prefix = bits;
        if (slash >= 0) {
            NumberText text = new NumberText(network.substring(slash + 1));
            text.readPrefix(10);
            if (!text.atEnd() || text.number() < 0 || text.number() > bits) {
                throw new BadValueException("the prefix of '" + network + "' is not between 0 and " + bits);
            }
            prefix = (int) text.number();
        }
        return new Rule(address(masked(address, prefix)), prefix, ENDPOINTS.parse(List.of(endpoint), ""));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(prefix - (long) i * Byte.SIZE, 0, Byte.SIZE);
            masked[i] &= (byte) (0xff << Byte.SIZE - kept);
        }
        return masked;
    }

    private static byte[] plain(byte[] address) {
        boolean mapped = address.length == IPV6_BYTES && address[10] == -1 && address[11] == -1;
        for (int i = 0; i < 10 && mapped; i++) {
            mapped = address[i] == 0;
        }
        return mapped ? Arrays.copyOfRange(address, IPV4_OFFSET, IPV6_BYTES) : address;
    }

    @Override
    public boolean takesManyWords() {
        return true;
    }

    @Override
    public boolean linesAddUp() {
        return true;
    }

    /** A line for each rule. */
    @Override
    public List<RewriteLine> rewrite(Directive directive, String value) {
        return of(value).stream().map(rule -> new RewriteLine(directive.name() + ' ' + rule, true)).toList();
    }

    @Override
    public String shape() {
        return "pairs of a network and `ip`, `hostname` or `unknown-endpoint`";
    }
}
