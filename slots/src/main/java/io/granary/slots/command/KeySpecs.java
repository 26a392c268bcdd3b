package io.granary.slots.command;

import io.granary.resp.Request;
import java.util.List;

/** Where a command's keys are: all its key specifications, and the three numbers that old clients and the dispatcher use. */
public final class KeySpecs {

    static final KeySpecs NONE = new KeySpecs(List.of(), null);

    private final List<KeySpec> list;
    private final KeyFinder finder;
    private final Range range;
    private final boolean movable;

    KeySpecs(List<KeySpec> list, KeyFinder finder) {
        this.list = List.copyOf(list);
        this.finder = finder;
        boolean single = list.size() == 1 && list.getFirst().plain();
        this.range = single ? range(list.getFirst()) : cover(list);
        this.movable = single ? list.getFirst().has(KeyFlag.INCOMPLETE) : !covers(list);
    }

    public List<KeySpec> list() {
        return list;
    }

    int firstKey() {
        return range.first;
    }

    int lastKey() {
        return range.last;
    }

    int keyStep() {
        return range.step;
    }

    /** Whether the three numbers do not tell all keys. */
    boolean movable() {
        return movable;
    }

    /** Whether the command may have keys, not counting what is only routed like one. */
    public boolean any() {
        return finder != null || list.stream().anyMatch(spec -> !spec.has(KeyFlag.NOT_KEY));
    }

    /**
     * One range that covers the plain specifications, as far as they lie side by side; whatever it leaves out makes the keys
     * movable (populateCommandLegacyRangeSpec of server.c).
     */
    private static Range cover(List<KeySpec> list) {
        Range cover = Range.NOTHING;
        for (KeySpec spec : list) {
            if (cover.continuedBy(spec)) {
                cover = cover.with(range(spec));
            }
        }
        return cover;
    }

    /** Whether that one range leaves nothing out. */
    private static boolean covers(List<KeySpec> list) {
        Range cover = Range.NOTHING;
        for (KeySpec spec : list) {
            if (!cover.continuedBy(spec) || spec.has(KeyFlag.INCOMPLETE)) {
                return false;
            }
            cover = cover.with(range(spec));
        }
        return true;
    }

    private static Range range(KeySpec spec) {
        int first = ((KeySpec.Index) spec.begin()).position();
        KeySpec.Range range = (KeySpec.Range) spec.find();
        return new Range(first, range.last() < 0 ? range.last() : first + range.last(), range.step());
    }

    private record Range(int first, int last, int step) {

        static final Range NOTHING = new Range(0, 0, 0);

        boolean continuedBy(KeySpec spec) {
            if (!spec.plain()) {
                return false;
            }
            Range next = range(spec);
            return next.step == 1 && (last == 0 || last == next.first - 1);
        }

        Range with(Range next) {
            return last == 0 ? next : new Range(Math.min(first, next.first),
                    Integer.compareUnsigned(last, next.last) > 0 ? last : next.last, 1);
        }
    }

    /**
     * Visits the keys of a request, those too that are only routed like keys. Where the specifications do not suffice the
     * command's own finder is asked. Returns the number of keys, or -1 if the arguments make no sense; nothing is visited
     * then.
     */
    int visit(Request request, KeyVisitor visitor) {
        boolean variable = finder != null && list.stream().anyMatch(spec -> spec.has(KeyFlag.VARIABLE_FLAGS));
        if (!variable && !list.isEmpty() && walk(request, null) >= 0) {
            return walk(request, visitor);
        }
        return finder == null ? (list.isEmpty() ? 0 : -1) : finder.find(request, visitor);
    }

    /** One pass over the specifications; a null visitor only wants to know whether all of them hold. */
    private int walk(Request request, KeyVisitor visitor) {
        int keys = 0;
        for (int i = 0; i < list.size(); i++) {
            KeySpec spec = list.get(i);
            int begin = begin(spec.begin(), request);
            if (begin == 0) {
                continue;
            }
            int first = first(spec.find(), begin);
            int last = begin < 0 ? -1 : last(spec.find(), begin, request);
            if (begin < 0 || spec.has(KeyFlag.INCOMPLETE) || last < first || last >= request.count()) {
                return -1;
            }
            int step = step(spec.find());
            for (int key = first; key <= last; key += step) {
                keys++;
                if (visitor != null) {
                    visitor.visit(key, spec.flags());
                }
            }
        }
        return keys;
    }

    /** The argument where the keys begin; 0 if this request has none of the kind, -1 if that cannot be said. */
    private static int begin(KeySpec.Begin begin, Request request) {
        return switch (begin) {
            case KeySpec.Index index -> index.position();
            case KeySpec.Keyword keyword -> behind(keyword, request);
            case KeySpec.UnknownBegin _ -> -1;
        };
    }

    private static int behind(KeySpec.Keyword keyword, Request request) {
        boolean forward = keyword.startFrom() > 0;
        int step = forward ? 1 : -1;
        int end = forward ? request.count() - 1 : 1;
        for (int i = forward ? keyword.startFrom() : request.count() + keyword.startFrom(); i != end; i += step) {
            if (i >= request.count() || i < 1) {
                return 0;
            }
            if (request.is(i, keyword.keyword())) {
                return i + 1;
            }
        }
        return 0;
    }

    private static int first(KeySpec.Find find, int begin) {
        return find instanceof KeySpec.KeyCount count ? begin + count.first() : begin;
    }

    private static int step(KeySpec.Find find) {
        return switch (find) {
            case KeySpec.Range range -> range.step();
            case KeySpec.KeyCount count -> count.step();
            case KeySpec.UnknownFind _ -> 1;
        };
    }

    /** The last key's argument; -1 if it cannot be told. */
    private static int last(KeySpec.Find find, int begin, Request request) {
        return switch (find) {
            case KeySpec.Range range when range.last() >= 0 -> begin + range.last();
            case KeySpec.Range range when range.limit() == 0 -> request.count() + range.last();
            case KeySpec.Range range -> begin + (request.count() - begin) / range.limit() + range.last();
            case KeySpec.KeyCount count -> lastCounted(count, begin, request);
            case KeySpec.UnknownFind _ -> -1;
        };
    }

    private static int lastCounted(KeySpec.KeyCount count, int begin, Request request) {
        int at = begin + count.countAt();
        if (at >= request.count()) {
            return -1;
        }
        long offset = request.offset(at);
        int length = request.length(at);
        if (!IntegerText.is(request.bytes(), offset, length)) {
            return -1;
        }
        long keys = IntegerText.parse(request.bytes(), offset, length);
        return keys < 0 || keys >= request.count() ? -1 : begin + count.first() + (int) keys - 1;
    }
}
