package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeEntryTest {

    private static final String ID = "07c37dfeb235213a872192d90877d0cd55635b91";

    @Test
    void aPrimaryNamesItsSlots() {
        NodeEntry entry = NodeEntry.parse(
                ID + " 127.0.0.1:7001@17001 myself,master - 0 1426238317239 4 connected 0-5460 7000");

        assertThat(entry.id()).isEqualTo(ID);
        assertThat(entry.address()).isEqualTo(Address.local(7001));
        assertThat(entry.myself()).isTrue();
        assertThat(entry.role()).isEqualTo("primary");
        assertThat(entry.configEpoch()).isEqualTo(4);
        assertThat(entry.connected()).isTrue();
        assertThat(entry.slots()).isEqualTo(List.of(new SlotRange(0, 5460), new SlotRange(7000, 7000)));
        assertThat(entry.slotCount()).isEqualTo(5462);
    }

    @Test
    void slotsOnTheMoveAreNotCounted() {
        NodeEntry entry = NodeEntry.parse(
                ID + " 127.0.0.1:7001@17001 master - 0 0 1 connected 1-2 [3-<-" + ID + "] [1->-" + ID + "]");

        assertThat(entry.slots()).isEqualTo(List.of(new SlotRange(1, 2)));
        assertThat(entry.open()).containsExactly(new OpenSlot(3, true, ID), new OpenSlot(1, false, ID));
    }

    @Test
    void aNodeWithoutAnAddressHasNone() {
        NodeEntry entry = NodeEntry.parse(ID + " :0@0 slave,fail,noaddr " + ID + " 0 0 1 disconnected");

        assertThat(entry.address()).isNull();
        assertThat(entry.failed()).isTrue();
    }

    @Test
    void aReplicaNamesItsPrimaryAndAHostnameIsLeftOut() {
        NodeEntry entry = NodeEntry.parse(ID + " ::1:7004@17004,host-4 slave,fail? " + ID + " 0 0 1 disconnected");

        assertThat(entry.role()).isEqualTo("replica");
        assertThat(entry.primaryId()).isEqualTo(ID);
        assertThat(entry.address()).isEqualTo(new Address("::1", 7004));
        assertThat(entry.connected()).isFalse();
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> NodeEntry.parse("hello"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("hello");
    }
}
