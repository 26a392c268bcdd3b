package io.granary.tools.granary;

import io.granary.resp.Frame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Replies of nodes as people and programs read them. */
final class ReplyText {

    private ReplyText() {}

    /** As redis-cli prints it where nobody looks: texts as they are, one element a line. */
    static String raw(Frame reply) {
        return switch (reply) {
            case Frame.Array(List<Frame> items) -> lines(items);
            case Frame.SetFrame(List<Frame> items) -> lines(items);
            case Frame.Push(List<Frame> items) -> lines(items);
            case Frame.MapFrame(List<Frame.Pair> pairs) -> String.join("\n",
                    pairs.stream().map(pair -> raw(pair.key()) + " " + raw(pair.value())).toList());
            case Frame.Null _ -> "";
            case Frame.Bool(boolean value) -> Boolean.toString(value);
            default -> utf8(reply);
        };
    }

    private static String lines(List<Frame> items) {
        return String.join("\n", items.stream().map(ReplyText::raw).toList());
    }

    /** As lists, maps, texts, numbers and null. */
    static Object facts(Frame reply) {
        return switch (reply) {
            case Frame.Array(List<Frame> items) -> items.stream().map(ReplyText::facts).toList();
            case Frame.SetFrame(List<Frame> items) -> items.stream().map(ReplyText::facts).toList();
            case Frame.Push(List<Frame> items) -> items.stream().map(ReplyText::facts).toList();
            case Frame.MapFrame(List<Frame.Pair> pairs) -> {
                Map<String, Object> map = new LinkedHashMap<>();
                pairs.forEach(pair -> map.put(raw(pair.key()), facts(pair.value())));
                yield map;
            }
            case Frame.Null _ -> null;
            case Frame.IntegerFrame(long value) -> value;
            case Frame.Bool(boolean value) -> value;
            default -> utf8(reply);
        };
    }

    private static String utf8(Frame reply) {
        return new String(reply.text().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).stripTrailing();
    }
}
