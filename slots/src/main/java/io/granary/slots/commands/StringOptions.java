package io.granary.slots.commands;

import io.granary.slots.command.Arguments;
import io.granary.slots.command.Errors;
import io.granary.slots.command.SlotCall;

/**
 * The options of SET and GETEX as given: which of them, and where the time of the expiry stands. Source:
 * parseExtendedStringArgumentsOrReply in Redis's t_string.c.
 *
 * @param given bits of the options below
 * @param expiryArg the argument with the time that EX, PX, EXAT or PXAT gives
 */
record StringOptions(int given, int expiryArg) {

    private static final int NX = 1;
    private static final int XX = 1 << 1;
    private static final int GET = 1 << 2;
    private static final int KEEPTTL = 1 << 3;
    private static final int PERSIST = 1 << 4;
    private static final int EX = 1 << 5;
    private static final int PX = 1 << 6;
    private static final int EXAT = 1 << 7;
    private static final int PXAT = 1 << 8;

    /** At most one of these can be given, though that one twice. */
    private static final int EXPIRY = EX | PX | EXAT | PXAT | KEEPTTL | PERSIST;

    static StringOptions ofSet(SlotCall call) {
        return parse(call, 3, NX | XX | GET | KEEPTTL | EX | PX | EXAT | PXAT);
    }

    static StringOptions ofGetex(SlotCall call) {
        return parse(call, 2, PERSIST | EX | PX | EXAT | PXAT);
    }

    private static StringOptions parse(SlotCall call, int first, int allowed) {
        int given = 0;
        int expiryArg = 0;
        for (int i = first; i < call.argc(); i++) {
            int option = optionAt(call, i);
            if ((option & allowed) == 0 || conflicts(option, given)) {
                throw Errors.SYNTAX;
            }
            given |= option;
            if ((option & (EX | PX | EXAT | PXAT)) != 0) {
                i++;
                if (i == call.argc()) {
                    throw Errors.SYNTAX;
                }
                expiryArg = i;
            }
        }
        return new StringOptions(given, expiryArg);
    }

    private static int optionAt(SlotCall call, int i) {
        if (call.is(i, "EX")) {
            return EX;
        } else if (call.is(i, "PX")) {
            return PX;
        } else if (call.is(i, "NX")) {
            return NX;
        } else if (call.is(i, "XX")) {
            return XX;
        } else if (call.is(i, "GET")) {
            return GET;
        } else if (call.is(i, "KEEPTTL")) {
            return KEEPTTL;
        } else if (call.is(i, "EXAT")) {
            return EXAT;
        } else if (call.is(i, "PXAT")) {
            return PXAT;
        }
        return call.is(i, "PERSIST") ? PERSIST : 0;
    }

    private static boolean conflicts(int option, int given) {
        return switch (option) {
            case NX -> (given & XX) != 0;
            case XX -> (given & NX) != 0;
            case GET -> false;
            default -> (given & EXPIRY & ~option) != 0;
        };
    }

    boolean onlyIfMissing() {
        return (given & NX) != 0;
    }

    boolean onlyIfPresent() {
        return (given & XX) != 0;
    }

    boolean get() {
        return (given & GET) != 0;
    }

    boolean keepTtl() {
        return (given & KEEPTTL) != 0;
    }

    boolean persist() {
        return (given & PERSIST) != 0;
    }

    boolean hasExpiry() {
        return expiryArg != 0;
    }

    /** Whether the expiry is given as a unix time in milliseconds. */
    boolean isUnixMs() {
        return (given & PXAT) != 0;
    }

    /** The unix time that the options ask for. */
    long expiryMs(SlotCall call, String fullName) {
        int unitMs = (given & (EX | EXAT)) != 0 ? 1000 : 1;
        return expiryMs(call, expiryArg, unitMs, (given & (EX | PX)) != 0 ? call.nowMs() : 0, fullName);
    }

    /** An argument in units of {@code unitMs} after {@code baseMs} as unix time; it must be positive. */
    static long expiryMs(SlotCall call, int arg, int unitMs, long baseMs, String fullName) {
        long value = Arguments.integer(call.request(), arg);
        if (value <= 0 || value > Long.MAX_VALUE / unitMs) {
            throw Errors.invalidExpireTime(fullName);
        }
        long expiryMs = value * unitMs + baseMs;
        if (expiryMs <= 0) {
            throw Errors.invalidExpireTime(fullName);
        }
        return expiryMs;
    }
}
