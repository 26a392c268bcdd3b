package io.granary.node.commands;

import static io.granary.slots.command.CommandFlag.ADMIN;
import static io.granary.slots.command.CommandFlag.FAST;
import static io.granary.slots.command.CommandFlag.LOADING;
import static io.granary.slots.command.CommandFlag.NOSCRIPT;
import static io.granary.slots.command.CommandFlag.NO_ASYNC_LOADING;
import static io.granary.slots.command.CommandFlag.NO_MULTI;
import static io.granary.slots.command.CommandFlag.STALE;

import io.granary.node.client.BlockedClient;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.snapshot.Saves;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import java.util.List;

/** BGSAVE, LASTSAVE, SAVE. While SAVE runs, only its client waits. */
public final class SnapshotCommands {

    private static final CommandException UNDER_WAY = Errors.err("Background save already in progress");

    private final Saves saves;

    public SnapshotCommands(Saves saves) {
        this.saves = saves;
    }

    public List<Command<NodeCall>> table() {
        return Command.family(Group.SERVER,
                Command.of("BGSAVE", "[SCHEDULE]", this::bgsave)
                        .doc("1.0.0", "O(1)", "Asynchronously saves the database(s) to disk.")
                        .flags(NO_ASYNC_LOADING, ADMIN, NOSCRIPT)
                        .history("3.2.2", "Added the `SCHEDULE` option."),
                Command.of("LASTSAVE", "", this::lastSave)
                        .doc("1.0.0", "O(1)", "Returns the Unix timestamp of the last successful save to disk.")
                        .flags(LOADING, STALE, FAST)
                        .categories(AclCategory.ADMIN, AclCategory.DANGEROUS)
                        .tips("nondeterministic_output"),
                Command.of("SAVE", "", this::save)
                        .doc("1.0.0", "O(N), N keys in all databases.",
                                "Saves the database(s) to disk, and answers when that is done.")
                        .flags(NO_ASYNC_LOADING, ADMIN, NOSCRIPT, NO_MULTI));
    }

    private void bgsave(NodeCall call) {
        if (call.argc() > 2 || call.argc() == 2 && !call.is(1, "SCHEDULE")) {
            throw Errors.SYNTAX;
        }
        if (saves.underWay()) {
            throw UNDER_WAY;
        }
        if (call.inTransaction()) {
            saves.schedule();
            call.reply().status("Background saving scheduled");
        } else if (saves.begin()) {
            call.reply().status("Background saving started");
        } else {
            throw UNDER_WAY;
        }
    }

    private void lastSave(NodeCall call) {
        call.reply().integer(saves.state().savedMs() / 1000);
    }

    private void save(NodeCall call) {
        if (saves.underWay()) {
            throw UNDER_WAY;
        }
        Waiting waiting = new Waiting();
        BlockedClient client = call.session().suspension().block(0, waiting);
        boolean begun = saves.begin(saved -> client.answer(reply -> waiting.answer(reply, saved)));
        if (!begun) {
            client.answer(reply -> reply.error(UNDER_WAY.text()));
        }
    }

    /** The client of a SAVE; the save goes on though it may be gone. */
    private static final class Waiting implements BlockedClient.Ending {

        void answer(ReplyWriter reply, boolean saved) {
            if (saved) {
                reply.ok();
            } else {
                reply.error("ERR");
            }
        }

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.error("ERR");
        }

        @Override
        public void ended() {
            // nothing is kept of it
        }
    }
}
