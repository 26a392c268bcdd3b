package io.granary.tools.cluster;

import io.granary.resp.Frame;
import io.granary.tools.client.Address;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Brings an empty node into a cluster, as a primary without slots or as a replica; may be repeated if interrupted. */
public final class Joining {

    private final Survey survey;
    private final NodeReport newcomer;
    private final Links links;

    /** @param newcomer must answer */
    public Joining(Survey survey, NodeReport newcomer, Links links) {
        this.survey = survey;
        this.newcomer = newcomer;
        this.links = links;
    }

    public boolean isMember() {
        return survey.find(newcomer.id()).isPresent();
    }

    /** Why the node cannot be taken in; empty if it can. */
    public Optional<String> objection() {
        if (newcomer.known().stream().anyMatch(entry -> !entry.myself() && !entry.inHandshake())) {
            return Optional.of(newcomer.address() + " knows other nodes already");
        }
        if (!newcomer.slots().isEmpty()) {
            return Optional.of(newcomer.address() + " owns slots already");
        }
        return newcomer.keys() == 0 ? Optional.empty()
                : Optional.of(newcomer.address() + " has " + newcomer.keys() + " keys");
    }

    /** Introduces the node to a member; false if not all know it in time. */
    public boolean join(Deadline deadline) throws IOException {
        NodeReport member = survey.primaries().getFirst();
        Address met = addressOf(member);
        links.require(newcomer, Formation.meet(met, member.self().busPort()));
        List<Address> all = new ArrayList<>(survey.answering().stream().map(NodeReport::address).toList());
        all.add(newcomer.address());
        return deadline.await(() -> knowEachOther(Survey.of(all, links.access())));
    }

    /** Members that are down do not count: nobody can be introduced to them. */
    private static boolean knowEachOther(Survey now) {
        Set<String> ids = now.reports().stream().map(NodeReport::id).collect(Collectors.toSet());
        return now.reachable() && now.reports().stream().allMatch(report -> report.known().stream()
                .filter(entry -> !entry.inHandshake()).map(NodeEntry::id).collect(Collectors.toSet()).containsAll(ids));
    }

    /** Other members know better than the node itself, which may not have an address in its own eyes, or another in ours. */
    private Address addressOf(NodeReport member) {
        return survey.answering().stream().filter(witness -> !witness.id().equals(member.id()))
                .flatMap(witness -> witness.known().stream())
                .filter(entry -> entry.id().equals(member.id()) && entry.address() != null)
                .map(NodeEntry::address).findFirst().orElse(member.address());
    }

    /** Gives a primary the functions that the cluster has; false if the cluster has none, or knows nothing of functions. */
    public boolean copyFunctions() throws IOException {
        NodeReport member = survey.primaries().getFirst();
        Frame dump;
        try {
            if (links.call(member, "FUNCTION", "LIST").items().isEmpty()) {
                return false;
            }
            dump = links.call(member, "FUNCTION", "DUMP");
        } catch (ErrorReply _) {
            return false;
        }
        if (!links.require(newcomer, "FUNCTION", "LIST").items().isEmpty()) {
            throw new IOException(newcomer.address() + " has functions of its own; FUNCTION FLUSH removes them");
        }
        links.require(newcomer, "FUNCTION", "RESTORE", ((Frame.Bulk) dump).bytes());
        return true;
    }

    /** Of the primaries with slots one of those with the fewest replicas, on another host if there is one. */
    public static Optional<NodeReport> primaryInNeed(Survey survey, NodeReport replica) {
        List<NodeReport> owners = survey.primaries().stream()
                .filter(primary -> !primary.slots().isEmpty() && !primary.id().equals(replica.id())).toList();
        return owners.isEmpty() ? Optional.empty() : Optional.of(Collections.min(owners, Comparator
                .comparing((NodeReport primary) -> survey.replicasOf(primary).stream()
                        .filter(each -> !each.id().equals(replica.id())).count())
                .thenComparing(primary -> primary.address().host().equals(replica.address().host()))));
    }

    /** Makes a node the replica of a primary; false if it does not have its data in time. */
    public static boolean follow(NodeReport replica, NodeReport primary, Links links, Deadline deadline) throws IOException {
        links.require(replica, "CLUSTER", "REPLICATE", primary.id());
        return deadline.await(() -> {
            NodeReport now = NodeReport.of(replica.address(), links.access());
            return now.reachable() && now.self().primaryId().equals(primary.id()) && now.inStep();
        });
    }
}
