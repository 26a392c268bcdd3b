package io.granary.node.cluster;

import java.util.ArrayList;
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

    /** The entries of {@code bind}; {@code *} and {@code ::*} are all addresses of a kind. */
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
        return addresses;
    }
}
