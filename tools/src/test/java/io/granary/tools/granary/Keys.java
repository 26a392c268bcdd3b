package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keys in a cluster that must be there, each at the owner of its slot, whatever was moved. */
record Keys(Address seed, int count) {

    private static final Access ACCESS = Access.within(20_000);

    /** Writes them; every hundredth expires in some hours. */
    static Keys write(Address seed, int count) throws IOException {
        Keys keys = new Keys(seed, count);
        keys.atOwners((i, key) -> i % 100 == 0
                ? new Object[] {"SET", key, "value " + i, "EX", 7200} : new Object[] {"SET", key, "value " + i});
        return keys;
    }

    private interface Question {
        Object[] about(int i, String key);
    }

    private Map<Integer, Frame> atOwners(Question question) throws IOException {
        Map<NodeReport, List<Integer>> byOwner = new LinkedHashMap<>();
        List<NodeReport> primaries = Survey.spreadingFrom(List.of(seed), ACCESS).primaries();
        for (int i = 0; i < count; i++) {
            int slot = Slot.of(name(i).getBytes(StandardCharsets.US_ASCII));
            NodeReport owner = primaries.stream().filter(each -> each.slots().contains(slot)).findFirst().orElseThrow();
            byOwner.computeIfAbsent(owner, _ -> new ArrayList<>()).add(i);
        }
        Map<Integer, Frame> replies = new LinkedHashMap<>();
        for (Map.Entry<NodeReport, List<Integer>> each : byOwner.entrySet()) {
            try (Connection connection = Connection.open(each.getKey().address(), ACCESS)) {
                List<Frame> answers = connection.callAll(
                        each.getValue().stream().map(i -> question.about(i, name(i))).toList());
                for (int i = 0; i < answers.size(); i++) {
                    replies.put(each.getValue().get(i), answers.get(i));
                }
            }
        }
        return replies;
    }

    private static String name(int i) {
        return "key:" + i;
    }

    /** None is lost, doubled, or somewhere else than at the owner of its slot. */
    void assertIntact() throws IOException {
        Map<Integer, Frame> values = atOwners((_, key) -> new Object[] {"GET", key});
        for (int i = 0; i < count; i++) {
            assertThat(values.get(i).text()).as(name(i)).isEqualTo("value " + i);
        }
        long held = Survey.spreadingFrom(List.of(seed), ACCESS).primaries().stream().mapToLong(NodeReport::keys).sum();
        assertThat(held).isEqualTo(count);
        Map<Integer, Frame> times = atOwners((i, key) -> i % 100 == 0
                ? new Object[] {"TTL", key} : new Object[] {"PING"});
        for (int i = 0; i < count; i += 100) {
            assertThat(Long.parseLong(times.get(i).text())).as(name(i)).isBetween(3600L, 7200L);
        }
    }
}
