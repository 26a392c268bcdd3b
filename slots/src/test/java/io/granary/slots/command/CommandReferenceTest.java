package io.granary.slots.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CommandReferenceTest {

    @Test
    void commandsAreGroupedAndSorted() {
        CommandTable<Object> table = new CommandTable<>(List.of(List.of(
                row("SETNX", "key value", Group.STRING).keys(KeyFlag.OW).doc("1.0.0", "O(1)", "Sets a new string.")
                        .deprecated("2.6.12", "`SET`"),
                row("GETEX", "key [EX seconds | PERSIST]", Group.STRING).keys(KeyFlag.RW).doc("6.2.0", "O(1)", "Gets."),
                Command.<Object>container("CLIENT").group(Group.CONNECTION).doc("2.4.0", "", "A container."),
                row("CLIENT PAUSE", "timeout:integer", Group.CONNECTION).doc("2.9.50", "O(1)", "Pauses."),
                row("PING", "", Group.CONNECTION).doc("1.0.0", "O(1)", "Pongs."))));
        String reference = CommandReference.markdown(table);
        assertEquals("""

                4 commands and subcommands.

                ## String

                | command | arguments | since | complexity | |
                |---|---|---|---|---|
                | `GETEX` | `key [EX seconds \\| PERSIST]` | 6.2.0 | O(1) | Gets. |
                | `SETNX` | `key value` | 1.0.0 | O(1) | Sets a new string. Deprecated since 2.6.12: use `SET`. |

                ## Connection

                | command | arguments | since | complexity | |
                |---|---|---|---|---|
                | `CLIENT PAUSE` | `timeout` | 2.9.50 | O(1) | Pauses. |
                | `PING` |  | 1.0.0 | O(1) | Pongs. |
                """, reference.substring(reference.indexOf("\n4 commands")));
    }

    private static Command<Object> row(String name, String synopsis, Group group) {
        return Command.of(name, synopsis, (Object _) -> { }).group(group);
    }
}
