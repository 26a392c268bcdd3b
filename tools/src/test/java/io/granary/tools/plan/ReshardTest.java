package io.granary.tools.plan;

import static io.granary.tools.plan.Holders.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.slots.SlotRange;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReshardTest {

    private static final Holder A = of("a", 1, new SlotRange(0, 9999));
    private static final Holder B = of("b", 1, new SlotRange(10000, 14999));
    private static final Holder C = of("c", 1, new SlotRange(15000, 16383));

    @Test
    void sourcesGiveInProportionToWhatTheyOwn() {
        Plan plan = Reshard.slots(List.of(A, B), C, 1000);
        assertThat(plan.moves()).extracting(Move::source).containsExactly("a", "b");
        assertThat(plan.moves()).extracting(Move::slotCount).containsExactly(667, 333);
        assertThat(plan.moves().get(1).ranges()).containsExactly(new SlotRange(14667, 14999));
    }

    @Test
    void noMoreThanTheSourcesHaveIsTaken() {
        assertThat(Reshard.slots(List.of(B), C, 16384).slotCount()).isEqualTo(5000);
        assertThat(Reshard.slots(List.of(of("d", 1)), C, 10).isEmpty()).isTrue();
    }

    @Test
    void rangesComeFromTheirOwners() {
        Plan plan = Reshard.ranges(List.of(A, B), C, List.of(new SlotRange(9990, 10009), new SlotRange(16000, 16001)));
        assertThat(plan.moves()).containsExactly(
                new Move("a", "c", List.of(new SlotRange(9990, 9999))),
                new Move("b", "c", List.of(new SlotRange(10000, 10009))));
    }

    @Test
    void aSlotThatNoSourceOwnsIsRefused() {
        assertThatThrownBy(() -> Reshard.ranges(List.of(B), C, List.of(new SlotRange(5, 6))))
                .hasMessage("no source owns slot 5");
    }
}
