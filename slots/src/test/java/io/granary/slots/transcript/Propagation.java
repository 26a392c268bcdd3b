package io.granary.slots.transcript;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Streams of changes in a form in which those of two servers can be compared, though one is of version 7.0 and the other
 * tells as 7.4 does:
 * <ul>
 * <li>7.0 writes SELECT before MULTI, 7.4 inside: here it stands inside.
 * <li>7.0 writes every SET with an expiry anew, 7.4 leaves one with PXAT as it came: here it is written anew.
 * <li>Keys that expire together go in no certain order: here in that of their names.
 * </ul>
 */
public final class Propagation {

    private static final Set<String> REMOVALS = Set.of("DEL", "UNLINK");
    /** Times that are said to be so far from now come from clocks that were read one after the other. */
    private static final long CLOCKS_APART_MS_MAX = 60_000;
    private static final long TIME_MS_MIN = 1_000_000_000_000L;

    private Propagation() {
    }

    /** The stream in the common form. */
    public static List<List<String>> normal(List<List<String>> stream) {
        List<List<String>> normal = new ArrayList<>();
        for (List<String> each : stream) {
            List<String> request = withoutOptions(each);
            int last = normal.size() - 1;
            if (request.getFirst().equals("MULTI") && last >= 0 && normal.get(last).getFirst().equals("SELECT")) {
                normal.add(last, request);
            } else {
                normal.add(place(normal, request), request);
            }
        }
        return normal;
    }

    private static List<String> withoutOptions(List<String> request) {
        int until = -1;
        for (int i = 3; i < request.size() - 1; i++) {
            if (request.get(i).equalsIgnoreCase("PXAT")) {
                until = i;
            }
        }
        boolean set = request.getFirst().equalsIgnoreCase("SET") && until > 0;
        return set ? List.of("SET", request.get(1), request.get(2), "PXAT", request.get(until + 1)) : request;
    }

    /** Before those removals at the end that come later in the alphabet. */
    private static int place(List<List<String>> stream, List<String> request) {
        int place = stream.size();
        if (isRemoval(request)) {
            while (place > 0 && isRemoval(stream.get(place - 1))
                    && stream.get(place - 1).get(1).compareTo(request.get(1)) > 0) {
                place--;
            }
        }
        return place;
    }

    private static boolean isRemoval(List<String> request) {
        return request.size() == 2 && REMOVALS.contains(request.getFirst());
    }

    /** Whether two streams in the common form tell the same. */
    public static boolean same(List<List<String>> one, List<List<String>> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (!sameRequest(one.get(i), other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameRequest(List<String> one, List<String> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (!one.get(i).equals(other.get(i)) && !sameTime(one.get(i), other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameTime(String one, String other) {
        try {
            long first = Long.parseLong(one);
            long second = Long.parseLong(other);
            return first > TIME_MS_MIN && Math.abs(first - second) < CLOCKS_APART_MS_MAX;
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
