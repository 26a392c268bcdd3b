package io.granary.node.commands;

import io.granary.node.dispatch.NodeCall;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Errors;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A reply of each type of the protocol, for tests of clients: DEBUG PROTOCOL. */
final class DebugReplies {

    private DebugReplies() {}

    static void write(NodeCall call) {
        ReplyWriter reply = call.reply();
        switch (call.request().toText(2).toLowerCase(Locale.ROOT)) {
            case "string" -> reply.bulk("Hello World");
            case "integer" -> reply.integer(12345);
            case "double" -> reply.dbl(3.141);
            case "bignum" -> reply.bigNumber("1234567999999999999999999999999999999");
            case "null" -> reply.nullBulk();
            case "array" -> {
                reply.array(3);
                numbers(reply);
            }
            case "set" -> {
                reply.set(3);
                numbers(reply);
            }
            case "map" -> {
                reply.map(3);
                for (int i = 0; i < 3; i++) {
                    reply.integer(i);
                    reply.bool(i == 1);
                }
            }
            case "attrib" -> attributes(reply);
            case "push" -> push(reply);
            case "verbatim" -> reply.verbatim("txt", "This is a verbatim\nstring".getBytes(StandardCharsets.ISO_8859_1));
            case "true" -> reply.bool(true);
            case "false" -> reply.bool(false);
            default -> throw Errors.err("Wrong protocol type name. Please use one of the following: "
                    + "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
        }
    }

    private static void numbers(ReplyWriter reply) {
        for (int i = 0; i < 3; i++) {
            reply.integer(i);
        }
    }

    private static void attributes(ReplyWriter reply) {
        if (reply.resp3()) {
            reply.attribute(1);
            reply.bulk("key-popularity");
            reply.array(2);
            reply.bulk("key:123");
            reply.integer(90);
        }
        reply.bulk("Some real reply following the attribute");
    }

    private static void push(ReplyWriter reply) {
        if (!reply.resp3()) {
            throw Errors.err("RESP2 is not supported by this command");
        }
        reply.push(2);
        reply.bulk("server-cpu-usage");
        reply.integer(42);
        reply.bulk("Some real reply following the push reply");
    }
}
