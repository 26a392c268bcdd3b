package io.granary.slots.commands;

import io.granary.resp.ReplyWriter;
import io.granary.slots.command.AclCategory;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.KeyFlag;
import io.granary.slots.command.KeySpec;
import java.util.List;

/**
 * Writes a command as COMMAND INFO shows it: ten elements, as clients and proxies have parsed them since Redis 7. Source:
 * addReplyCommandInfo of server.c.
 */
final class CommandInfoReply {

    private final ReplyWriter reply;

    CommandInfoReply(ReplyWriter reply) {
        this.reply = reply;
    }

    void write(Command<?> command) {
        reply.array(10);
        reply.bulk(command.fullName());
        reply.integer(command.arity());
        flags(command);
        reply.integer(command.firstKey());
        reply.integer(command.lastKey());
        reply.integer(command.keyStep());
        categories(command);
        reply.set(command.tips().size());
        command.tips().forEach(reply::bulk);
        reply.set(command.keySpecs().list().size());
        command.keySpecs().list().forEach(this::keySpec);
        subcommands(command.subcommands());
    }

    private void flags(Command<?> command) {
        int shown = 0;
        for (CommandFlag flag : CommandFlag.values()) {
            shown += shows(command, flag) ? 1 : 0;
        }
        reply.set(shown);
        for (CommandFlag flag : CommandFlag.values()) {
            if (shows(command, flag)) {
                reply.status(flag.text());
            }
        }
    }

    private static boolean shows(Command<?> command, CommandFlag flag) {
        return command.is(flag) && !flag.hidden();
    }

    private void categories(Command<?> command) {
        reply.set(Long.bitCount(command.categoryBits()));
        for (AclCategory category : AclCategory.values()) {
            if ((command.categoryBits() & category.bit()) != 0) {
                reply.status("@" + category.text());
            }
        }
    }

    /** The flags of a key, also as COMMAND GETKEYSANDFLAGS shows them. */
    void keyFlags(int bits) {
        reply.set(Integer.bitCount(bits));
        for (KeyFlag flag : KeyFlag.values()) {
            if ((bits & flag.bit()) != 0) {
                reply.status(flag.text());
            }
        }
    }

    private void keySpec(KeySpec spec) {
        reply.map(spec.notes() == null ? 3 : 4);
        if (spec.notes() != null) {
            reply.bulk("notes");
            reply.bulk(spec.notes());
        }
        reply.bulk("flags");
        keyFlags(spec.flags());
        reply.bulk("begin_search");
        begin(spec.begin());
        reply.bulk("find_keys");
        find(spec.find());
    }

    private void begin(KeySpec.Begin begin) {
        switch (begin) {
            case KeySpec.Index index -> {
                type("index", 1);
                number("index", index.position());
            }
            case KeySpec.Keyword keyword -> {
                type("keyword", 2);
                reply.bulk("keyword");
                reply.bulk(keyword.keyword());
                number("startfrom", keyword.startFrom());
            }
            case KeySpec.UnknownBegin _ -> type("unknown", 0);
        }
    }

    private void find(KeySpec.Find find) {
        switch (find) {
            case KeySpec.Range range -> {
                type("range", 3);
                number("lastkey", range.last());
                number("keystep", range.step());
                number("limit", range.limit());
            }
            case KeySpec.KeyCount count -> {
                type("keynum", 3);
                number("keynumidx", count.countAt());
                number("firstkey", count.first());
                number("keystep", count.step());
            }
            case KeySpec.UnknownFind _ -> type("unknown", 0);
        }
    }

    private void type(String type, int facts) {
        reply.map(2);
        reply.bulk("type");
        reply.bulk(type);
        reply.bulk("spec");
        reply.map(facts);
    }

    private void number(String name, int value) {
        reply.bulk(name);
        reply.integer(value);
    }

    private void subcommands(List<? extends Command<?>> subcommands) {
        if (subcommands.isEmpty()) {
            reply.set(0);
            return;
        }
        reply.array(subcommands.size());
        subcommands.forEach(this::write);
    }
}
