package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6, 7, 1000})
    void theSharesAreEqualAndCoverEverySlotOnce(int count) {
        List<SlotRange> shares = Placement.shares(count);

        int next = 0;
        for (SlotRange share : shares) {
            assertThat(share.first()).isEqualTo(next);
            assertThat(share.size()).isBetween(Slot.COUNT / count, Slot.COUNT / count + 1);
            next = share.last() + 1;
        }
        assertThat(next).isEqualTo(Slot.COUNT);
    }

    /** Hosts by letter, one letter a node: with two hosts at least, and none with more than half of a shard's share. */
    @ParameterizedTest
    @CsvSource({"abcabc, 1", "aabbcc, 1", "abcabcabc, 2", "aabb, 1", "aaabbb, 1", "abcdef, 1", "aabbccdd, 1",
        "aaabbbccc, 2"})
    void noReplicaIsOnTheHostOfItsPrimary(String hosts, int replicasEach) {
        Placement placement = Placement.of(nodes(hosts), replicasEach);

        assertThat(placement.together()).isEmpty();
        assertThat(counts(placement).values()).allMatch(count -> count == replicasEach);
    }

    @Test
    void theReplicasOfAPrimaryAreOnDifferentHosts() {
        Placement placement = Placement.of(nodes("aaabbbccc"), 2);

        placement.slots().keySet().forEach(primary ->
                assertThat(placement.primaries().entrySet().stream().filter(entry -> entry.getValue().equals(primary))
                        .map(entry -> entry.getKey().host()).distinct()).hasSize(2));
    }

    @Test
    void nodesLeftOverAreReplicasToo() {
        Placement placement = Placement.of(nodes("aaaaaaaa"), 1);

        assertThat(placement.slots()).hasSize(4);
        assertThat(Placement.of(nodes("aaaaaaa"), 1).slots()).hasSize(3);
        assertThat(counts(Placement.of(nodes("aaaaaaa"), 1)).values()).containsExactlyInAnyOrder(2L, 1L, 1L);
    }

    @Test
    void onOneHostTheFirstNodesAreThePrimaries() {
        List<Address> nodes = nodes("aaaaaa");

        Placement placement = Placement.of(nodes, 1);

        assertThat(placement.slots().keySet()).containsExactlyElementsOf(nodes.subList(0, 3));
        assertThat(placement.primaries()).containsExactlyInAnyOrderEntriesOf(Map.of(
                nodes.get(3), nodes.get(0), nodes.get(4), nodes.get(1), nodes.get(5), nodes.get(2)));
        assertThat(placement.together()).hasSize(3);
    }

    private static Map<Address, Long> counts(Placement placement) {
        return placement.primaries().values().stream().collect(Collectors.groupingBy(each -> each, Collectors.counting()));
    }

    private static List<Address> nodes(String hosts) {
        int[] port = {7000};
        return Stream.of(hosts.split("")).map(host -> new Address(host, ++port[0])).toList();
    }
}
