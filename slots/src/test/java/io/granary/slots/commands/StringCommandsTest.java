package io.granary.slots.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.Effects;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StringCommandsTest {

    private static final int ROUNDS_MAX = 500;
    private static final int CALLS = 200_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long written;
    private int database;
    private final Effects.Sink sink = (_, _, length) -> written += length;
    private final CommandTable<SlotCall> table = new CommandTable<>(SlotCommands.FAMILIES);

    @ParameterizedTest
    @ValueSource(strings = {
        "SET key:000000000001 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "GET key:000000000001",
        "INCR counter", "EXISTS key:000000000001", "SET key:000000000001 12345"})
    void theUsualCallsAllocateNothing(String line) {
        assertThat(allocated(line, false)).as("bytes allocated by %d calls of %s", CALLS, line).isLessThan(CALLS / 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SET key:000000000001 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "INCR counter",
        "SETEX key:000000000001 1000 v", "GETSET key:000000000001 12345", "PEXPIRE key:000000000001 1000000"})
    void writingDownWhatTheyChangeAllocatesNothing(String line) {
        assertThat(allocated(line, true)).as("bytes allocated by %d calls of %s", CALLS, line).isLessThan(CALLS / 10);
    }

    /** The fewest bytes that a round of calls has allocated. */
    private long allocated(String line, boolean recording) {
        try (NativeMemory memory = NativeMemory.reserve(1L << 30, MemoryOptions.TEST);
                Keyspace keyspace = new Keyspace(memory, new KeyHash(1, 2), 16, false, 1);
                ReplyBuffer buffer = new ReplyBuffer(UnpooledByteBufAllocator.DEFAULT);
                Arena arena = Arena.ofConfined()) {
            SlotCall call = new SlotCall(keyspace, new ReplyWriter(buffer), CallSettings.DEFAULT, new Random(1)) {
                @Override
                public boolean recording() {
                    return recording;
                }
            };
            Request set = request("SET key:000000000001 " + "x".repeat(64), arena);
            run(call, buffer, set, 1);
            Request request = request(line, arena);
            // compilation takes objects away, on a busy machine after many rounds only
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS_MAX && allocated >= CALLS / 10; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(call, buffer, request, CALLS);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            return allocated;
        }
    }

    private void run(SlotCall call, ReplyBuffer buffer, Request request, int times) {
        long mark = buffer.mark();
        for (int i = 0; i < times; i++) {
            Command<SlotCall> command = table.find(request);
            call.begin(request, 0, 0, 1_700_000_000_000L + i);
            command.body().run(call);
            if (call.recording()) {
                call.recordChanges();
                database = call.effects().write(database, sink);
                call.effects().clear();
            }
            buffer.rewind(mark);
        }
    }

    private static Request request(String line, Arena arena) {
        byte[] text = line.getBytes(StandardCharsets.US_ASCII);
        MemorySegment bytes = arena.allocate(text.length);
        MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length);
        Request request = new Request();
        request.begin(bytes);
        int from = 0;
        for (String word : line.split(" ")) {
            request.add(from, word.length());
            from += word.length() + 1;
        }
        return request;
    }

    @Test
    void everyCommandOfTheTableIsFoundByItsName() {
        assertThat(table.find("get").name()).isEqualTo("GET");
        assertThat(table.find("object", "encoding").name()).isEqualTo("OBJECT ENCODING");
        assertThat(table.size()).isEqualTo(SlotCommands.FAMILIES.stream().mapToInt(family -> family.size()).sum());
    }
}
