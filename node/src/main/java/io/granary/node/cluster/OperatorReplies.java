package io.granary.node.cluster;

import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.SlotCall;

/** Asks the machine on behalf of an operator and replies what it answers. */
final class OperatorReplies {

    private final ClusterServices services;

    OperatorReplies(ClusterServices services) {
        this.services = services;
    }

    /** Replies the answer as a status: {@code OK}, or more where there is more to say. */
    void ok(SlotCall call, OperatorRequest request) {
        call.reply().status(answer(request));
    }

    /** Replies the answer, a number. */
    void integer(SlotCall call, OperatorRequest request) {
        call.reply().integer(Long.parseLong(answer(request)));
    }

    private String answer(OperatorRequest request) {
        Output.Answer answer = services.ask(request);
        if (answer.error() != null) {
            throw new CommandException(answer.error());
        }
        return answer.text();
    }
}
