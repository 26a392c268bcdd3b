package io.granary.node.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.commands.SlotCommands;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandQueueTest {

    private final CommandTable<NodeCall> table = new CommandTable<>(SlotCommands.FAMILIES);
    private final CommandQueue queue = new CommandQueue();

    @AfterEach
    void free() {
        queue.clear();
    }

    private static Request request(String... arguments) {
        Request request = new Request();
        byte[] all = String.join("", arguments).getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment segment = Arena.ofAuto().allocate(all.length + 1L);
        MemorySegment.copy(all, 0, segment, ValueLayout.JAVA_BYTE, 0, all.length);
        request.begin(segment);
        int at = 0;
        for (String argument : arguments) {
            request.add(at, argument.length());
            at += argument.length();
        }
        return request;
    }

    private boolean add(int slot, long bytesMax, String... arguments) {
        Command<NodeCall> command = table.find(arguments[0]);
        return queue.add(command, request(arguments), slot, PooledByteBufAllocator.DEFAULT, bytesMax);
    }

    private List<String> queued() {
        List<String> queued = new ArrayList<>();
        queue.forEach(table, new Request(), (command, request) -> {
            StringBuilder line = new StringBuilder(command.name()).append(':');
            for (int i = 0; i < request.count(); i++) {
                line.append(' ').append(request.toText(i));
            }
            queued.add(line.toString());
        });
        return queued;
    }

    @Test
    void commandsComeBackInOrderWithAllTheirArguments() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            String value = "v".repeat(i % 300);
            assertThat(add(7, Long.MAX_VALUE, "set", "key" + i, value)).isTrue();
            expected.add("SET: set key" + i + " " + value);
        }
        assertThat(queued()).isEqualTo(expected);
        assertThat(queued()).as("once more").isEqualTo(expected);
        assertThat(queue.size()).isEqualTo(2_000);
        assertThat(queue.slot()).isEqualTo(7);
    }

    @Test
    void keysOfSeveralSlotsAreRemembered() {
        add(Router.NO_KEYS, Long.MAX_VALUE, "dbsize");
        assertThat(queue.slot()).isEqualTo(Router.NO_KEYS);
        add(3, Long.MAX_VALUE, "get", "a");
        assertThat(queue.slot()).isEqualTo(3);
        add(4, Long.MAX_VALUE, "get", "b");
        assertThat(queue.slot()).isLessThan(Router.NO_KEYS);
    }

    @Test
    void whatIsTooMuchIsNotTaken() {
        assertThat(add(0, 50, "get", "k")).isTrue();
        int bytes = queue.bytes();
        assertThat(add(0, 50, "get", "k".repeat(50))).isFalse();
        assertThat(queue.bytes()).isEqualTo(bytes);
        assertThat(queued()).containsExactly("GET: get k");
    }

    @Test
    void aClearedQueueBeginsAfresh() {
        add(3, Long.MAX_VALUE, "get", "a");
        queue.clear();
        assertThat(queue.bytes()).isZero();
        assertThat(queue.flags()).isZero();
        add(5, Long.MAX_VALUE, "get", "b");
        assertThat(queue.slot()).isEqualTo(5);
        assertThat(queued()).containsExactly("GET: get b");
    }
}
