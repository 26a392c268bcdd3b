package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormationTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6, 7, 1000})
    void theSharesAreEqualAndCoverEverySlotOnce(int count) {
        List<SlotRange> shares = Formation.shares(count);

        int next = 0;
        for (SlotRange share : shares) {
            assertThat(share.first()).isEqualTo(next);
            assertThat(share.size()).isBetween(Slot.COUNT / count, Slot.COUNT / count + 1);
            next = share.last() + 1;
        }
        assertThat(next).isEqualTo(Slot.COUNT);
    }
}
