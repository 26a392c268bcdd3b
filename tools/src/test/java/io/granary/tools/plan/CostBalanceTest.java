package io.granary.tools.plan;

import static io.granary.tools.plan.Holders.of;
import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CostBalanceTest {

    private static final int RUNS = 100;

    private static SlotCosts costs(IntToLongFunction each) {
        return SlotCosts.of(IntStream.range(0, Slot.COUNT).mapToLong(each).toArray());
    }

    @Test
    void equalCostsMoveAStretchOfNeighbours() {
        List<Holder> holders = List.of(of("a", 1, new SlotRange(0, 16383)), of("b", 1));
        Plan plan = Rebalance.byCosts(holders, costs(_ -> 60), 2);
        assertThat(plan.rangeCount()).isEqualTo(1);
        assertThat(plan.slotCount()).isBetween(8000, 8192);
    }

    @Test
    void oneBusySlotMovesInsteadOfThousands() {
        List<Holder> holders = List.of(of("a", 1, new SlotRange(0, 8191)), of("b", 1, new SlotRange(8192, 16383)));
        Plan plan = Rebalance.byCosts(holders, costs(slot -> slot == 77 || slot == 78 ? 100_000 : 1), 2);
        assertThat(plan.moves()).hasSize(1);
        assertThat(plan.slotCount()).isEqualTo(1);
        assertThat(plan.moves().getFirst().ranges().getFirst().first()).isIn(77, 78);
    }

    @Test
    void whatIsMoreThanAShareByItselfStaysAndTheOthersLeaveIt() {
        List<Holder> holders = List.of(of("a", 1, new SlotRange(0, 8191)), of("b", 1, new SlotRange(8192, 16383)));
        SlotCosts costs = costs(slot -> slot == 5 ? 100_000 : 1);
        Plan plan = Rebalance.byCosts(holders, costs, 2);
        Map<String, SlotSet> after = plan.after(holders);
        assertThat(after.get("a").contains(5)).isTrue();
        assertThat(costs.sum(after.get("a"))).isEqualTo(100_000);
    }

    @Test
    void slotsWithoutCostStayWhereTheyAre() {
        List<Holder> holders = List.of(of("a", 1, new SlotRange(0, 16383)), of("b", 1));
        Plan plan = Rebalance.byCosts(holders, costs(slot -> slot % 1000 == 0 ? 1 : 0), 2);
        assertThat(plan.slotCount()).isEqualTo(8);
    }

    @Test
    void aPrimaryOfWeightZeroLosesAlsoWhatCostsNothing() {
        List<Holder> holders = List.of(of("a", 0, new SlotRange(0, 8191)), of("b", 1, new SlotRange(8192, 16383)));
        Plan plan = Rebalance.byCosts(holders, costs(_ -> 0), 2);
        assertThat(plan.after(holders).get("a").isEmpty()).isTrue();
        assertThat(plan.rangeCount()).isEqualTo(1);
    }

    @Test
    void sharesAreWithinTheThresholdAndNoSlotIsLost() {
        for (int seed = 0; seed < RUNS; seed++) {
            Random random = new Random(seed);
            List<Holder> holders = Holders.random(random);
            SlotCosts costs = costs(_ -> 20 + random.nextInt(80) + (random.nextInt(200) == 0 ? 1500 : 0));
            Plan plan = Rebalance.byCosts(holders, costs, 2);
            Map<String, SlotSet> after = plan.after(holders);
            double weights = holders.stream().mapToDouble(Holder::weight).sum();
            SlotSet all = new SlotSet();
            for (Holder holder : holders) {
                double share = costs.sum(SlotSet.all()) / weights * holder.weight();
                assertThat((double) costs.sum(after.get(holder.id()))).as("seed %d, %s", seed, holder.id())
                        .isBetween(share * 0.98 - 1e-6, share * 1.02 + 1e-6);
                all.addAll(after.get(holder.id()));
            }
            assertThat(all).as("seed %d", seed).isEqualTo(SlotSet.all());
        }
    }

    @Test
    void noMoreIsMovedThanTheSurpluses() {
        for (int seed = 0; seed < RUNS; seed++) {
            Random random = new Random(seed);
            List<Holder> holders = Holders.random(random);
            SlotCosts costs = costs(_ -> 20 + random.nextInt(80));
            Plan plan = Rebalance.byCosts(holders, costs, 2);
            double weights = holders.stream().mapToDouble(Holder::weight).sum();
            double perWeight = costs.sum(SlotSet.all()) / weights;
            double surplus = holders.stream()
                    .mapToDouble(holder -> Math.max(0, costs.sum(holder.slots()) - perWeight * holder.weight())).sum();
            long moved = plan.moves().stream().mapToLong(move -> costs.sum(move.ranges())).sum();
            assertThat((double) moved).as("seed %d", seed).isLessThanOrEqualTo(surplus * 1.02 + 100);
        }
    }
}
