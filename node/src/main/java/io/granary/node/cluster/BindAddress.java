package io.granary.node.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One entry of the directive {@code bind}.
 *
 * @param host an address of this machine
 * @param optional written with a {@code -} before it: no fault if the machine has no such address
 */
record BindAddress(String host, boolean optional) {

    private static final String ANY_IPV4 = "0.0.0.0";
    private static final String ANY_IPV6 = "::";

    /**
     * The entries of {@code bind}; {@code *} and {@code ::*} are all addresses of a kind. That of IPv6 comes first: a socket
     * bound to it takes IPv4 as well, and leaves no room for one that takes IPv4 alone.
     */
    static List<BindAddress> parse(List<String> entries) {
        List<BindAddress> addresses = new ArrayList<>();
        for (String entry : entries) {
            boolean optional = entry.startsWith("-");
            String host = optional ? entry.substring(1) : entry;
            addresses.add(new BindAddress(
                    switch (host) {
                        case "*" -> ANY_IPV4;
                        case "::*" -> ANY_IPV6;
                        default -> host;
                    },
                    optional));
        }
        addresses.sort(Comparator.comparing(BindAddress::isAnyIpv6).reversed());
        return addresses;
    }

    boolean isAnyIpv4() {
        return host.equals(ANY_IPV4);
    }

    boolean isAnyIpv6() {
        return host.equals(ANY_IPV6);
    }
}
