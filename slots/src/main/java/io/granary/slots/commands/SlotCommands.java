package io.granary.slots.commands;

import io.granary.slots.command.Command;
import io.granary.slots.command.SlotCall;
import java.util.List;

/** All families of commands on data: what a node's table has beside the commands on the node itself. */
public final class SlotCommands {

    public static final List<List<Command<SlotCall>>> FAMILIES = List.of(
            StringCommands.TABLE,
            StringRangeCommands.TABLE,
            CounterCommands.TABLE,
            LcsCommand.TABLE,
            KeyCommands.TABLE,
            ExpiryCommands.TABLE,
            ObjectCommands.TABLE,
            KeyspaceCommands.TABLE);

    private SlotCommands() {}
}
