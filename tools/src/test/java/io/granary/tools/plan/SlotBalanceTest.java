package io.granary.tools.plan;

import static io.granary.tools.plan.Holders.of;
import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SlotBalanceTest {

    private static final int RUNS = 300;

    private static final List<Holder> THREE_FULL_THREE_EMPTY = List.of(
            of("a", 1, new SlotRange(0, 5460)), of("b", 1, new SlotRange(5461, 10922)),
            of("c", 1, new SlotRange(10923, 16383)), of("d", 1), of("e", 1), of("f", 1));

    @Test
    void threeEmptyPrimariesGetHalfOfTheSlotsInOneRangeEach() {
        Plan plan = Rebalance.bySlots(THREE_FULL_THREE_EMPTY, 2);
        assertThat(plan.moves()).hasSize(3);
        assertThat(plan.rangeCount()).isEqualTo(3);
        assertThat(plan.after(THREE_FULL_THREE_EMPTY).values()).allSatisfy(slots ->
                assertThat(slots.size()).isBetween(2730, 2731));
    }

    @Test
    void nothingMovesWithinTheThreshold() {
        List<Holder> holders = List.of(of("a", 1, new SlotRange(0, 8291)), of("b", 1, new SlotRange(8292, 16383)));
        assertThat(Rebalance.bySlots(holders, 2).isEmpty()).isTrue();
        assertThat(Rebalance.bySlots(holders, 0).slotCount()).isEqualTo(100);
    }

    @Test
    void aPrimaryOfWeightZeroLosesAllItsSlots() {
        List<Holder> holders = List.of(of("a", 0, new SlotRange(0, 99)), of("b", 1, new SlotRange(100, 16383)),
                of("c", 3));
        Map<String, SlotSet> after = Rebalance.bySlots(holders, 2).after(holders);
        assertThat(after.get("a").isEmpty()).isTrue();
        assertThat(after.get("b").size()).isEqualTo(Slot.COUNT / 4);
        assertThat(after.get("c").size()).isEqualTo(Slot.COUNT / 4 * 3);
    }

    @Test
    void aCutIsMadeNextToTheReceiversSlots() {
        List<Holder> holders = List.of(of("a", 1, new SlotRange(0, 9999)), of("b", 1, new SlotRange(10000, 16383)));
        assertThat(Rebalance.bySlots(holders, 2).moves())
                .containsExactly(new Move("a", "b", List.of(new SlotRange(8192, 9999))));
    }

    @Test
    void everyShareIsExactAndNoPlanWithFewerMovedSlotsExists() {
        for (int seed = 0; seed < RUNS; seed++) {
            List<Holder> holders = Holders.random(new Random(seed));
            Plan plan = Rebalance.bySlots(holders, 0);
            Map<String, SlotSet> after = plan.after(holders);
            double weights = holders.stream().mapToDouble(Holder::weight).sum();
            SlotSet all = new SlotSet();
            int surplus = 0;
            int deficit = 0;
            for (Holder holder : holders) {
                double share = Slot.COUNT / weights * holder.weight();
                int least = (int) Math.floor(share + 1e-6);
                int most = (int) Math.ceil(share - 1e-6);
                assertThat(after.get(holder.id()).size()).as("seed %d, %s", seed, holder.id()).isBetween(least, most);
                surplus += Math.max(0, holder.slots().size() - most);
                deficit += Math.max(0, least - holder.slots().size());
                all.addAll(after.get(holder.id()));
            }
            assertThat(all).as("seed %d", seed).isEqualTo(SlotSet.all());
            assertThat(plan.slotCount()).as("seed %d", seed).isEqualTo(Math.max(surplus, deficit));
            assertThat(plan.moves().size()).as("seed %d", seed).isLessThan(holders.size());
        }
    }

    @Test
    void theSecondPlanIsEmpty() {
        for (int seed = 0; seed < RUNS; seed++) {
            List<Holder> holders = Holders.random(new Random(seed));
            Map<String, SlotSet> after = Rebalance.bySlots(holders, 0).after(holders);
            List<Holder> balanced = holders.stream()
                    .map(holder -> new Holder(holder.id(), after.get(holder.id()), holder.weight())).toList();
            assertThat(Rebalance.bySlots(balanced, 0).isEmpty()).as("seed %d", seed).isTrue();
        }
    }
}
