package io.granary.tools.cluster;

import io.granary.tools.client.Address;
import java.util.ArrayList;
import java.util.List;

/** Surveys put together by hand: each node is added as it tells itself and is then seen so by all others. */
final class Reports {

    private final List<NodeReport> reports = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    static String id(int node) {
        return Integer.toString(node).repeat(40);
    }

    /** @param slots as CLUSTER NODES ends: slots, and in brackets those that are open */
    Reports primary(int node, String host, long epoch, String slots) {
        return add(node, host, "master", "-", epoch, slots);
    }

    Reports replica(int node, String host, int primary) {
        return add(node, host, "slave", id(primary), 0, "");
    }

    private Reports add(int node, String host, String role, String primary, long epoch, String slots) {
        lines.add(id(node) + " " + host + ":" + (7000 + node) + "@" + (17000 + node) + " " + role + " " + primary + " 0 0 " + epoch
                + " connected " + slots);
        return this;
    }

    /** Everybody answers, and sees what the others say of themselves. */
    Survey survey() {
        for (String own : lines) {
            List<String> seen = lines.stream().map(line -> line.equals(own)
                    ? line.replaceFirst(" (master|slave) ", " myself,$1 ") : line.replaceAll(" \\[[^]]*]", "")).toList();
            add(String.join("\n", seen));
        }
        return new Survey(List.copyOf(reports));
    }

    /** A node that tells this of the cluster. */
    Reports add(String nodes) {
        List<NodeEntry> known = NodeEntry.parseAll(nodes);
        NodeEntry self = known.stream().filter(NodeEntry::myself).findFirst().orElseThrow();
        reports.add(new NodeReport(self.address(), null, self, known, InfoText.parse("cluster_state:ok"),
                InfoText.parse("master_link_status:up"), 0));
        return this;
    }

    /** Those added one by one. */
    Survey asAdded() {
        return new Survey(List.copyOf(reports));
    }

    /** A node that does not answer. */
    Reports down(int node, String host) {
        reports.add(new NodeReport(new Address(host, 7000 + node), "Connection refused", null, List.of(),
                InfoText.parse(""), InfoText.parse(""), -1));
        return this;
    }
}
