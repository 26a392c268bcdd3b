package io.granary.node.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.SlotCall;
import io.granary.slots.commands.SlotCommands;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The slot of all keys of a request, found in the request itself. */
final class RouterSlotTest {

    private static final CommandTable<SlotCall> TABLE =
            new CommandTable<>(SlotCommands.FAMILIES);

    private final Router router = new Router();

    @ParameterizedTest
    @CsvSource({
        "GET foo, foo",
        "SET foo bar EX 10, foo",
        "MGET {a}1 {a}2 {a}3, a",
        "MSET {a}1 {b}x {a}2 {c}y, a",
        "DEL {a}1, a",
        "DEL {a}1 {a}2, a",
        "RENAME {a}1 {a}2, a",
        "COPY {a}1 {a}2 REPLACE, a",
        "LCS {a}1 {a}2 LEN, a",
        "OBJECT ENCODING foo, foo",
    })
    void allKeysCountAndNothingElse(String command, String key) {
        assertThat(slotOf(command)).isEqualTo(Slot.of(key.getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @CsvSource({"MGET a b", "MSET a 1 b 2", "DEL {x}1 {x}2 {y}3", "RENAME a b", "COPY a b", "LCS a b"})
    void keysOfSeveralSlotsGiveANegativeCode(String command) {
        assertThat(slotOf(command)).isLessThan(Router.NO_KEYS);
    }

    @ParameterizedTest
    @CsvSource({"SCAN 0", "KEYS *", "RANDOMKEY"})
    void aRequestWithoutKeysRunsAnywhere(String command) {
        assertThat(slotOf(command)).isEqualTo(Router.NO_KEYS);
    }

    @Test
    void theFirstKeysSlotSurvivesInTheCodeOfSeveral() {
        int a = slotOf("GET a");
        assertThat(slotOf("MGET a b")).isEqualTo(Router.join(a, slotOf("GET b")));
        assertThat(Router.join(slotOf("MGET a b"), a)).isEqualTo(slotOf("MGET a b"));
    }

    private int slotOf(String text) {
        String[] words = text.split(" ");
        MemorySegment segment = Arena.ofAuto().allocate(1024);
        Request request = new Request();
        request.begin(segment);
        int offset = 0;
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
            request.add(offset, bytes.length);
            offset += bytes.length;
        }
        Command<SlotCall> command = TABLE.find(request);
        assertThat(command).as(text).isNotNull();
        return router.slotOf(request, command);
    }
}
