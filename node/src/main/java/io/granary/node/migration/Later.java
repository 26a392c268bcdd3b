package io.granary.node.migration;

import io.granary.node.client.BlockedClient;
import io.granary.node.dispatch.NodeCall;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Errors;
import java.util.function.Supplier;

/** An answer that takes its time: its client waits, and no event loop. */
final class Later implements BlockedClient.Ending {

    private Later() {}

    /**
     * Has the call answered with OK, or with an error that {@code task} gives, by a thread that may wait.
     *
     * @param task returns null if all is well
     */
    static void answer(NodeCall call, Workers workers, Supplier<String> task) {
        if (call.inTransaction()) {
            throw Errors.err("Command not allowed inside a transaction");
        }
        BlockedClient client = call.session().suspension().block(0, new Later());
        workers.run(() -> {
            String error = task.get();
            client.answer(reply -> {
                if (error == null) {
                    reply.ok();
                } else {
                    reply.error(error);
                }
            });
        });
    }

    @Override
    public void timedOut(ReplyWriter reply) {
        reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    }

    @Override
    public void ended() {
        // what was begun goes on
    }
}
