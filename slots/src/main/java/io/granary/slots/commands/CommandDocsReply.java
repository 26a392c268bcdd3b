package io.granary.slots.commands;

import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandDoc;
import io.granary.slots.command.Parameter;
import io.granary.slots.command.ParameterType;
import java.util.List;

/**
 * Writes a command as COMMAND DOCS shows it: a map of what the documentation says, with the tree of its arguments. Source:
 * addReplyCommandDocs of server.c.
 */
final class CommandDocsReply {

    private final ReplyWriter reply;
    private int keySpecs;
    private int keysSeen;

    CommandDocsReply(ReplyWriter reply) {
        this.reply = reply;
    }

    /** The command's name and its map. */
    void write(Command<?> command) {
        CommandDoc doc = command.doc();
        List<Parameter> parameters = command.syntax().parameters();
        boolean deprecated = doc.deprecatedSince() != null;
        reply.bulk(command.fullName());
        reply.map(4 + (deprecated ? 2 : 0) + (deprecated || doc.system() ? 1 : 0) + (doc.history().isEmpty() ? 0 : 1)
                + (parameters.isEmpty() ? 0 : 1) + (command.subcommands().isEmpty() ? 0 : 1));
        text("summary", doc.summary());
        text("since", doc.since());
        text("group", command.group().text());
        text("complexity", doc.complexity());
        flags(deprecated, doc.system());
        if (deprecated) {
            text("deprecated_since", doc.deprecatedSince());
            text("replaced_by", doc.replacedBy());
        }
        history(doc.history());
        if (!parameters.isEmpty()) {
            keySpecs = command.keySpecs().list().size();
            keysSeen = 0;
            reply.bulk("arguments");
            arguments(parameters);
        }
        subcommands(command.subcommands());
    }

    private void flags(boolean deprecated, boolean system) {
        if (!deprecated && !system) {
            return;
        }
        reply.bulk("doc_flags");
        reply.set(deprecated && system ? 2 : 1);
        if (deprecated) {
            reply.status("deprecated");
        }
        if (system) {
            reply.status("syscmd");
        }
    }

    private void history(List<CommandDoc.Change> history) {
        if (history.isEmpty()) {
            return;
        }
        reply.bulk("history");
        reply.set(history.size());
        for (CommandDoc.Change change : history) {
            reply.array(2);
            reply.bulk(change.since());
            reply.bulk(change.text());
        }
    }

    private void subcommands(List<? extends Command<?>> subcommands) {
        if (subcommands.isEmpty()) {
            return;
        }
        reply.bulk("subcommands");
        reply.map(subcommands.size());
        subcommands.forEach(this::write);
    }

    private void arguments(List<Parameter> parameters) {
        reply.array(parameters.size());
        parameters.forEach(this::argument);
    }

    private void argument(Parameter parameter) {
        boolean flagged = parameter.optional() || parameter.multiple();
        boolean key = parameter.type() == ParameterType.KEY && keySpecs > 0;
        reply.map(3 + (key ? 1 : 0) + (parameter.token() == null ? 0 : 1) + (flagged ? 1 : 0));
        text("name", parameter.name());
        text("type", parameter.type().text());
        if (!parameter.type().compound()) {
            text("display_text", parameter.name());
        }
        if (key) {
            reply.bulk("key_spec_index");
            reply.integer(Math.min(keysSeen++, keySpecs - 1));
        }
        if (parameter.token() != null) {
            text("token", parameter.token());
        }
        if (flagged) {
            argumentFlags(parameter);
        }
        if (parameter.type().compound()) {
            reply.bulk("arguments");
            arguments(parameter.parts());
        }
    }

    private void argumentFlags(Parameter parameter) {
        reply.bulk("flags");
        reply.set((parameter.optional() ? 1 : 0) + (parameter.multiple() ? 1 : 0) + (parameter.multipleToken() ? 1 : 0));
        if (parameter.optional()) {
            reply.status("optional");
        }
        if (parameter.multiple()) {
            reply.status("multiple");
        }
        if (parameter.multipleToken()) {
            reply.status("multiple_token");
        }
    }

    private void text(String name, String value) {
        reply.bulk(name);
        reply.bulk(value);
    }
}
