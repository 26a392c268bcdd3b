package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.config.Configuration;
import io.granary.node.dispatch.UnitLog;
import io.granary.node.log.NodeLog;
import io.granary.slots.Slot;
import io.granary.slots.command.Effects;
import io.granary.slots.keyspace.Encoding;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys go with the slot that another node has won, and with no other. */
final class LostSlotsTest {

    private static final NodeView ME = node('a', NodeFlag.MYSELF);
    private static final NodeView PEER = node('b', NodeFlag.PRIMARY);

    private final NativeMemory memory = NativeMemory.reserve(1 << 28, MemoryOptions.DEFAULT);
    private final Keyspace keyspace = new Keyspace(memory, new KeyHash(1, 2), 1, true, 16);
    private final NodeView[] owners = new NodeView[ClusterView.SLOTS];

    @AfterEach
    void free() {
        keyspace.close();
        memory.close();
    }

    @Test
    void onlyASlotThatIsSomebodyElsesLosesItsKeys() {
        int lost = put("lost");
        int back = put("back");
        int importing = put("importing");
        int other = put("other");
        owners[lost] = PEER;
        owners[back] = ME;
        owners[importing] = PEER;
        owners[other] = PEER;
        ClusterView view = MadeUpView.of(
                ME, List.of(ME, PEER), owners, Map.of(), Map.of(importing, PEER), true, 1, 2);
        lostSlots(view, UnitLog.NONE).dropNow(new int[] {lost, back, importing});
        assertThat(keysIn(lost)).isZero();
        assertThat(keysIn(back)).as("ours again").isOne();
        assertThat(keysIn(importing)).as("on its way back").isOne();
        assertThat(keysIn(other)).as("not named").isOne();
    }

    @Test
    void replicasAreToldOfEveryKeyThatGoes() {
        int lost = put("{lost}:0");
        for (int i = 1; i < 200; i++) {
            put("{lost}:" + i);
        }
        owners[lost] = PEER;
        ClusterView view = MadeUpView.of(ME, List.of(ME, PEER), owners, Map.of(), Map.of(), true, 1, 2);
        List<String> told = new ArrayList<>();
        lostSlots(view, new UnitLog() {
            @Override
            public boolean active() {
                return true;
            }

            @Override
            public long append(Effects unit) {
                StringBuilder text = new StringBuilder();
                unit.write(0, (bytes, offset, length) -> text.append(new String(
                        bytes.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII)));
                told.add(text.toString());
                return told.size();
            }

            @Override
            public void wake() {}
        }).dropNow(new int[] {lost});
        assertThat(keysIn(lost)).isZero();
        assertThat(told).hasSize(200).doesNotHaveDuplicates()
                .contains("*2\r\n$3\r\nDEL\r\n$8\r\n{lost}:7\r\n");
    }

    private LostSlots lostSlots(ClusterView view, UnitLog units) {
        return new LostSlots(
                keyspace, () -> view, units, Configuration.of().flag("lazyfree-lazy-server-del"), NodeLog.silent());
    }

    private int put(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(bytes.length);
            segment.copyFrom(MemorySegment.ofArray(bytes));
            int slot = Slot.of(bytes);
            keyspace.lock(slot).lock();
            try {
                keyspace.store(0, slot).putString(
                        segment, 0, bytes.length, keyspace.hash(segment, 0, bytes.length), segment, 0, bytes.length,
                        Encoding.RAW.code, -1);
            } finally {
                keyspace.lock(slot).unlock();
            }
            return slot;
        }
    }

    private long keysIn(int slot) {
        keyspace.lock(slot).lock();
        try {
            return keyspace.storeIfPresent(0, slot).size();
        } finally {
            keyspace.lock(slot).unlock();
        }
    }

    private static NodeView node(char digit, NodeFlag flag) {
        String id = String.valueOf(digit).repeat(NodeId.LENGTH);
        return new NodeView(new NodeId(id), "10.0.0.1", 1, 0, 2, "", "", id, Set.of(flag), null, 0, 0, 1, true, 0);
    }
}
