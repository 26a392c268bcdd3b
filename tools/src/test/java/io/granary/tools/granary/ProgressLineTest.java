package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.tools.move.Progress;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is told while slots move or keys are written. */
class ProgressLineTest {

    @Test
    void movesTellSlotsKeysAndTime() {
        assertThat(ProgressLine.ofMoves(new Progress(4096, 0), 2)).isEqualTo("0 of 4,096 slots (0 %), 0 slots/s");
    }

    @Test
    void restoredKeysTellTheirRateAndTheTimeThatIsLeft() {
        assertThat(ProgressLine.ofKeys(120_000, 0.255, 4)).isEqualTo("120,000 keys (25 %), 30,000 keys/s, 12 s left");
        assertThat(ProgressLine.ofKeys(0, 0, 1)).isEqualTo("0 keys (0 %), 0 keys/s");
        assertThat(ProgressLine.ofKeys(10, 1, 2)).isEqualTo("10 keys (100 %), 5 keys/s");
    }

    @Test
    void aTerminalSeesALineThatIsWrittenOverAndGoesInTheEnd() {
        StringWriter out = new StringWriter();
        CommandLine line = GranaryCli.commandLine();
        line.setOut(new PrintWriter(out, true));
        try (ProgressLine _ = new ProgressLine(new Screen(line, false), _ -> "half way", true)) {
            await().until(() -> out.toString().contains("half way"));
        }
        assertThat(out.toString()).startsWith("\r\u001b[Khalf way").endsWith("\r\u001b[K").doesNotContain("\n");
    }
}
