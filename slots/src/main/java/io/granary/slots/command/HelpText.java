package io.granary.slots.command;

import io.granary.resp.ReplyWriter;
import io.granary.resp.Request;
import java.util.List;
import java.util.Locale;

/**
 * What a container's HELP answers: a heading, the lines that tell of the subcommands, and a line on HELP itself. A
 * subcommand is a line that begins at once, its explanation lines indented by four spaces.
 */
public final class HelpText {

    private final List<String> lines;

    public HelpText(String... lines) {
        this.lines = List.of(lines);
    }

    /** Answers the request, the first word of which is the container. */
    public void write(Request request, ReplyWriter reply) {
        String container = request.toText(0).toUpperCase(Locale.ROOT);
        reply.array(lines.size() + 3L);
        reply.status(container + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        lines.forEach(reply::status);
        reply.status("HELP");
        reply.status("    Print this help.");
    }
}
