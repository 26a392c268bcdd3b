package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** The reports of many nodes, taken at once, and what follows from them together. */
public record Survey(List<NodeReport> reports) {

    /** Letters of a node's id that name it, if no other begins alike. */
    private static final int PREFIX_LEAST = 4;

    private static final Comparator<NodeReport> BY_ADDRESS = Comparator
            .comparing((NodeReport report) -> report.address().host()).thenComparing(report -> report.address().port());

    /** Asks all nodes in parallel; one that does not answer in time is reported as down. */
    public static Survey of(Collection<Address> addresses, Access access) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<NodeReport>> asked = addresses.stream().map(address ->
                    CompletableFuture.supplyAsync(() -> NodeReport.of(address, access), threads)).toList();
            return new Survey(asked.stream().map(CompletableFuture::join).toList());
        }
    }

    /** The nodes asked for, and all that the first of them to answer knows of; each node once, whatever addresses it has. */
    public static Survey spreadingFrom(Collection<Address> seeds, Access access) {
        Survey first = of(seeds, access);
        Map<Address, NodeEntry> known = new LinkedHashMap<>();
        first.reports.stream().filter(NodeReport::reachable).findFirst().ifPresent(report -> report.known().stream()
                .filter(entry -> !entry.myself() && entry.address() != null && !entry.inHandshake())
                .forEach(entry -> known.put(entry.address(), entry)));
        Set<Address> others = new LinkedHashSet<>(known.keySet());
        first.reports.stream().map(NodeReport::address).forEach(others::remove);
        Map<String, NodeReport> reports = new LinkedHashMap<>();
        for (Survey part : List.of(first, of(others, access))) {
            for (NodeReport report : part.reports) {
                NodeReport named = report.seenAs(known.get(report.address()));
                reports.merge(named.id().isEmpty() ? named.address().toString() : named.id(), named,
                        (a, b) -> a.reachable() ? a : b);
            }
        }
        return new Survey(reports.values().stream().sorted(BY_ADDRESS).toList());
    }

    /** The nodes that answered. */
    public List<NodeReport> answering() {
        return reports.stream().filter(NodeReport::reachable).toList();
    }

    /** The primaries that answered, with slots or without. */
    public List<NodeReport> primaries() {
        return answering().stream().filter(NodeReport::isPrimary).toList();
    }

    /** The replicas of a node that answered. */
    public List<NodeReport> replicasOf(NodeReport primary) {
        return answering().stream().filter(report -> report.self().primaryId().equals(primary.id())).toList();
    }

    /** The node with this id, with an id that begins so (four letters at least, no other alike), or at this address. */
    public Optional<NodeReport> find(String idOrAddress) {
        Optional<NodeReport> exact = reports.stream().filter(report -> report.id().equals(idOrAddress)
                || report.address().toString().equals(idOrAddress)
                || report.self() != null && String.valueOf(report.self().address()).equals(idOrAddress)).findFirst();
        if (exact.isPresent() || idOrAddress.length() < PREFIX_LEAST) {
            return exact;
        }
        List<NodeReport> alike = reports.stream().filter(report -> report.id().startsWith(idOrAddress)).toList();
        return alike.size() == 1 ? Optional.of(alike.getFirst()) : Optional.empty();
    }

    /** Slots that some reachable node says it owns. */
    public int coveredSlots() {
        return covered().size();
    }

    /** Slots that some reachable primary says it owns. */
    public SlotSet covered() {
        SlotSet covered = new SlotSet();
        primaries().forEach(report -> covered.addAll(report.slots()));
        return covered;
    }

    public boolean reachable() {
        return reports.stream().allMatch(NodeReport::reachable);
    }

    /** Whether all nodes answer, call the cluster ok, name the same owners for all slots, and replicas are in step. */
    public boolean healthy() {
        return !reports.isEmpty() && reports.stream().allMatch(NodeReport::ok) && coveredSlots() == Slot.COUNT
                && agreed() && reports.stream().allMatch(NodeReport::inStep);
    }

    /** Whether all nodes know the same nodes with the same slots, and none is still shaking hands. */
    public boolean agreed() {
        return reports.stream().map(Survey::signature).distinct().count() == 1
                && reports.stream().flatMap(report -> report.known().stream()).noneMatch(NodeEntry::inHandshake);
    }

    private static Map<String, String> signature(NodeReport report) {
        return report.known().stream()
                .collect(Collectors.toMap(NodeEntry::id, entry -> entry.slots().toString(), (a, b) -> a + b, TreeMap::new));
    }
}
