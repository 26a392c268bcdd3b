package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void columnsAreAsWideAsTheirWidestCellAndNumbersStandToTheRight() {
        Table table = new Table("name", "keys");
        table.row("a", "1,200");
        table.row("another", "-");
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text, true));

        assertThat(text.toString().lines().toList()).isEqualTo(List.of(
                "name      keys",
                "a        1,200",
                "another      -"));
    }

    @Test
    void anUptimeIsToldInItsTwoLargestUnits() {
        assertThat(LongStream.of(59, 125, 7200, 90000).mapToObj(StatusCommand::uptime).toList())
                .isEqualTo(List.of("59s", "2m 5s", "2h 0m", "1d 1h"));
    }
}
