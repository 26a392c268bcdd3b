package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.node.metrics.LoopStatistics;
import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import io.granary.resp.RequestDecoder;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;

/** Answers what is not run: requests that were not admitted, bytes that are no request, and clients that speak HTTP. */
final class Refusals {

    private final DispatchServices services;
    private final ReplyWriter reply;
    private final LoopStatistics statistics;

    Refusals(DispatchServices services, ReplyWriter reply, LoopStatistics statistics) {
        this.services = services;
        this.reply = reply;
        this.statistics = statistics;
    }

    /** Answers with an error and counts it. */
    void error(String text) {
        reply.error(text);
        statistics.error(text);
    }

    /** What EXEC answers when it is refused for that reason. */
    static String discarded(CommandException reason) {
        String text = reason.text();
        return "EXECABORT Transaction discarded because of: " + (text.startsWith("ERR ") ? text.substring(4) : text);
    }

    /** Refuses a request before it runs; in a transaction the whole transaction is spoiled with it. */
    void reject(ClientSession session, Command<NodeCall> command, CommandException reason, boolean redirected) {
        String text = reason.text();
        if (command != null) {
            statistics.rejected(command.index());
            if (TransactionCommands.isExec(command)) {
                session.transaction().end(services);
                if (!redirected) {
                    text = discarded(reason);
                }
            }
        }
        session.transaction().breakOff();
        error(text);
    }

    /** Answers bytes that are no request and ends the connection. */
    void undecodable(ClientSession session) {
        RequestDecoder decoder = session.decoder();
        if (decoder.foreignProtocol()) {
            cutOff(session);
        } else if (decoder.error().isEmpty()) {
            session.registry().inputTooLong(session);
            session.close();
        } else {
            session.registry().protocolError(session, decoder.error());
            error("ERR " + decoder.error());
            session.closeAfterReply();
        }
    }

    /** Whether a request that names no command is a header of HTTP. */
    static boolean speaksHttp(Request request) {
        return request.is(0, "POST") || request.is(0, "HOST:");
    }

    /** Ends the connection of a client that speaks HTTP: a browser that was tricked would take any answer for a page. */
    void cutOff(ClientSession session) {
        session.registry().foreignProtocol(session);
        session.close();
    }
}
