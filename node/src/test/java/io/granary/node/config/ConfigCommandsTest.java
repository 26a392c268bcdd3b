package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.ReplyBuffer;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.slots.command.CallSettings;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.CommandTable;
import io.granary.slots.command.SlotCall;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConfigCommandsTest {
    private final Configuration configuration = Configuration.initial();
    private final AtomicInteger resets = new AtomicInteger();
    private final CommandTable<SlotCall> table = new CommandTable<>(List.of(
            new ConfigCommands(configuration, resets::incrementAndGet, _ -> false, () -> false).table()));

    private static Request request(String... words) {
        byte[] bytes = String.join("", words).getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        Request request = new Request();
        request.begin(segment);
        int offset = 0;
        for (String word : words) {
            request.add(offset, word.length());
            offset += word.length();
        }
        return request;
    }

    private String ask(String... words) {
        Request request = request(words);
        StringBuilder text = new StringBuilder();
        try (ReplyBuffer buffer = new ReplyBuffer(UnpooledByteBufAllocator.DEFAULT)) {
            SlotCall call = new SlotCall(null, new ReplyWriter(buffer), CallSettings.DEFAULT, new SplittableRandom(1));
            call.begin(request, 0, 0, 0);
            Command<? super SlotCall> command = table.find(request);
            try {
                command.body().run(call);
            } catch (CommandException refused) {
                return refused.text();
            }
            buffer.drain((ByteBuf bytes) -> {
                text.append(bytes.toString(StandardCharsets.ISO_8859_1));
                bytes.release();
            });
        }
        return text.toString();
    }

    @Test
    void getAnswersPairs() {
        assertThat(ask("CONFIG", "GET", "port", "maxmemory-s*"))
                .isEqualTo("*4\r\n$4\r\nport\r\n$4\r\n6379\r\n$17\r\nmaxmemory-samples\r\n$1\r\n5\r\n");
        assertThat(ask("CONFIG", "GET", "nothing")).isEqualTo("*0\r\n");
    }

    @Test
    void setTakesPairs() {
        assertThat(ask("config", "set", "timeout", "7", "masterauth", "\u00ff")).isEqualTo("+OK\r\n");
        assertThat(configuration.number("timeout").value()).isEqualTo(7);
        assertThat(ask("CONFIG", "GET", "masterauth")).endsWith("$1\r\n\u00ff\r\n");
        assertThat(ask("CONFIG", "SET", "timeout", "1", "hz")).isEqualTo("ERR syntax error");
        assertThat(ask("CONFIG", "SET", "x", "1"))
                .isEqualTo("ERR Unknown option or number of arguments for CONFIG SET - 'x'");
    }

    @Test
    void rewriteNeedsAFileAndResetStatResets() {
        assertThat(ask("CONFIG", "REWRITE")).isEqualTo("ERR The server is running without a config file");
        assertThat(ask("CONFIG", "RESETSTAT")).isEqualTo("+OK\r\n");
        assertThat(resets).hasValue(1);
    }

    @Test
    void helpHasTheFormOfRedis() {
        assertThat(ask("CONFIG", "HELP")).startsWith("*11\r\n"
                + "+CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n"
                + "+GET <pattern>\r\n").endsWith("+HELP\r\n+    Print this help.\r\n");
    }
}
