package io.granary.tools.cluster;

import io.granary.slots.Slot;
import io.granary.slots.SlotSet;
import io.granary.tools.client.Address;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** The reports of many nodes, taken at once, and what follows from them together. */
public record Survey(List<NodeReport> reports) {

    /** Asks all nodes in parallel; one that does not answer in {@code timeoutMs} is reported as down. */
    public static Survey of(Collection<Address> addresses, int timeoutMs) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<NodeReport>> asked = addresses.stream().map(address ->
                    CompletableFuture.supplyAsync(() -> NodeReport.of(address, timeoutMs), threads)).toList();
            return new Survey(asked.stream().map(CompletableFuture::join).toList());
        }
    }

    /** The nodes asked for, and all that the first of them to answer knows of. */
    public static Survey spreadingFrom(Collection<Address> seeds, int timeoutMs) {
        Survey first = of(seeds, timeoutMs);
        Set<Address> all = new LinkedHashSet<>(seeds);
        first.reports.stream().filter(NodeReport::reachable).findFirst().ifPresent(report -> report.known().stream()
                .filter(entry -> !entry.myself() && !entry.flags().contains("noaddr") && !entry.inHandshake())
                .forEach(entry -> all.add(entry.address())));
        return all.size() == seeds.size() ? first : of(all, timeoutMs);
    }

    /** Slots that some reachable node says it owns. */
    public int coveredSlots() {
        SlotSet covered = new SlotSet();
        reports.stream().filter(NodeReport::reachable).forEach(report -> report.self().slots().forEach(covered::add));
        return covered.size();
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
