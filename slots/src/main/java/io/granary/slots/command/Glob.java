package io.granary.slots.command;

import java.nio.charset.StandardCharsets;

/**
 * A glob-style pattern: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]} and {@code \} before a character that is meant
 * literally.
 *
 * <p>It accepts what Redis's stringmatchlen (util.c) accepts, odd corners included: a class that is never closed ends with
 * the pattern, {@code [^} matches any byte, an empty text is matched by the empty pattern alone, ranges compare signed
 * bytes.
 *
 * <p>There is no recursion. Everything but a star takes exactly one byte, so when the pattern behind the latest star fails
 * to match, an earlier star that took more could only make it fail further on: going back to the latest star is
 * enough, and the work is bounded by the product of the two lengths. A cap on the steps keeps even that from stopping a
 * node; a text that exhausts it does not match.
 */
public final class Glob {

    /** Steps after which a match is given up: far beyond any pattern that means something. */
    private static final int STEPS_MAX = 1 << 22;

    /** Groups of stars beyond which nothing matches, as in Redis, which gives up at that depth of its recursion. */
    private static final int STARS_MAX = 1000;

    private final byte[] pattern;
    private final boolean ignoreCase;

    public Glob(byte[] pattern, boolean ignoreCase) {
        this.pattern = pattern.clone();
        this.ignoreCase = ignoreCase;
    }

    /** A pattern for names in ASCII. */
    public static Glob of(String pattern, boolean ignoreCase) {
        return new Glob(pattern.getBytes(StandardCharsets.ISO_8859_1), ignoreCase);
    }

    /** Whether the pattern is a lone star, which by convention matches the empty text too. */
    public boolean matchesEverything() {
        return pattern.length == 1 && pattern[0] == '*';
    }

    public boolean matches(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return matches(bytes, bytes.length);
    }

    /** Whether the first {@code length} bytes of {@code text} match. */
    public boolean matches(byte[] text, int length) {
        if (length == 0) {
            return pattern.length == 0;
        }
        int p = 0;
        int s = 0;
        int starPattern = -1;
        int starText = 0;
        int stars = 0;
        for (int steps = 0; steps < STEPS_MAX; steps++) {
            if (s == length) {
                return isOnlyStars(p);
            }
            if (p < pattern.length && pattern[p] == '*') {
                while (p < pattern.length && pattern[p] == '*') {
                    p++;
                }
                if (p == pattern.length) {
                    return true;
                }
                if (++stars > STARS_MAX) {
                    return false;
                }
                starPattern = p;
                starText = s;
                continue;
            }
            int next = p < pattern.length ? step(p, text[s]) : -1;
            if (next >= 0) {
                p = next;
                s++;
            } else if (starPattern >= 0) {
                p = starPattern;
                s = ++starText;
            } else {
                return false;
            }
        }
        return false;
    }

    private boolean isOnlyStars(int from) {
        int p = from;
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** Matches the element at {@code p}, which is not a star, with one byte: where the next element begins, or -1. */
    private int step(int p, byte b) {
        switch (pattern[p]) {
            case '?':
                return p + 1;
            case '[':
                return stepClass(p + 1, b);
            case '\\':
                int literal = p + 1 < pattern.length ? p + 1 : p;
                return same(pattern[literal], b) ? literal + 1 : -1;
            default:
                return same(pattern[p], b) ? p + 1 : -1;
        }
    }

    /** As {@link #step} for a class whose opening bracket lies before {@code from}. */
    private int stepClass(int from, byte b) {
        int p = from;
        boolean negated = p < pattern.length && pattern[p] == '^';
        if (negated) {
            p++;
        }
        boolean found = false;
        while (p < pattern.length && pattern[p] != ']') {
            int left = pattern.length - p;
            if (pattern[p] == '\\' && left >= 2) {
                found |= pattern[p + 1] == b;
                p += 2;
            } else if (left >= 3 && pattern[p + 1] == '-') {
                found |= isBetween(pattern[p], pattern[p + 2], b);
                p += 3;
            } else {
                found |= same(pattern[p], b);
                p++;
            }
        }
        return found != negated ? Math.min(p + 1, pattern.length) : -1;
    }

    private boolean isBetween(byte one, byte other, byte b) {
        int start = fold((byte) Math.min(one, other));
        int end = fold((byte) Math.max(one, other));
        int c = fold(b);
        return c >= start && c <= end;
    }

    private boolean same(byte one, byte other) {
        return fold(one) == fold(other);
    }

    private int fold(byte b) {
        return ignoreCase && b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }
}
