package io.granary.slots.commands;

import static io.granary.slots.command.CommandFlag.READONLY;
import static io.granary.slots.command.KeyFlag.ACCESS;
import static io.granary.slots.command.KeyFlag.RO;

import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.command.Group;
import io.granary.slots.command.SlotCall;
import io.granary.slots.keyspace.SlotStore;
import java.lang.foreign.Arena;
import java.util.List;

/** LCS: the longest common subsequence of two strings. */
public final class LcsCommand {

    public static final List<Command<SlotCall>> TABLE = Command.family(
            Group.STRING,
            Command.of("LCS", "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]", LcsCommand::lcs)
                    .doc("7.0.0", "O(N*M) where N and M are the lengths of s1 and s2, respectively",
                            "Finds the longest common substring.")
                    .flags(READONLY)
                    .keys(RO, ACCESS));

    private static final CommandException NO_STRINGS = Errors.err("The specified keys must contain string values");
    private static final CommandException LEN_AND_IDX =
            Errors.err("If you want both the length and indexes, please just use IDX.");
    private static final CommandException TOO_LONG = Errors.err("String too long for LCS");
    private static final CommandException TOO_LARGE =
            Errors.err("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

    private static final long LENGTH_MAX = 0xFFFFFFFFL - 1;
    /** What a cell of the table takes in Redis: its limit is kept, so that the same requests are refused. */
    private static final int CELL_BYTES = 4;

    private LcsCommand() {}

    /** What is asked for. */
    private record Options(boolean length, boolean ranges, long rangeLengthMin, boolean rangeLengths) {

        static Options parse(SlotCall call) {
            boolean length = false;
            boolean ranges = false;
            boolean rangeLengths = false;
            long rangeLengthMin = 0;
            for (int i = 3; i < call.argc(); i++) {
                if (call.is(i, "IDX")) {
                    ranges = true;
                } else if (call.is(i, "LEN")) {
                    length = true;
                } else if (call.is(i, "WITHMATCHLEN")) {
                    rangeLengths = true;
                } else if (call.is(i, "MINMATCHLEN") && i + 1 < call.argc()) {
                    i++;
                    rangeLengthMin = Math.max(0, call.integerArg(i));
                } else {
                    throw Errors.SYNTAX;
                }
            }
            if (length && ranges) {
                throw LEN_AND_IDX;
            }
            return new Options(length, ranges, rangeLengthMin, rangeLengths);
        }
    }

    private static void lcs(SlotCall call) {
        long first = call.lookupRead(1);
        long second = call.lookupRead(2);
        if (first != SlotStore.NONE && !call.isString(first) || second != SlotStore.NONE && !call.isString(second)) {
            throw NO_STRINGS;
        }
        Options options = Options.parse(call);
        CommonSubsequence.Text a = text(call.store(), first);
        CommonSubsequence.Text b = text(call.store(), second);
        if (a.length() >= LENGTH_MAX || b.length() >= LENGTH_MAX) {
            throw TOO_LONG;
        }
        if ((a.length() + 1) * (b.length() + 1) > call.settings().stringBytesMax() / CELL_BYTES) {
            throw TOO_LARGE;
        }
        try (Arena arena = Arena.ofConfined()) {
            CommonSubsequence common = new CommonSubsequence(a, b, arena);
            if (options.ranges()) {
                replyRanges(call.reply(), common, options);
            } else if (options.length()) {
                call.reply().integer(common.length());
            } else {
                call.reply().bulk(common.bytes());
            }
        }
    }

    private static CommonSubsequence.Text text(SlotStore keys, long record) {
        return record == SlotStore.NONE
                ? new CommonSubsequence.Text(keys.memory(), 0, 0)
                : new CommonSubsequence.Text(keys.memory(), keys.valueOffset(record), keys.valueLength(record));
    }

    private static void replyRanges(ReplyWriter reply, CommonSubsequence common, Options options) {
        List<CommonSubsequence.Range> ranges = common.ranges().stream()
                .filter(range -> range.length() >= options.rangeLengthMin())
                .toList();
        reply.map(2);
        reply.bulk("matches");
        reply.array(ranges.size());
        for (CommonSubsequence.Range range : ranges) {
            reply.array(options.rangeLengths() ? 3 : 2);
            replyPair(reply, range.inFirst(), range.length());
            replyPair(reply, range.inSecond(), range.length());
            if (options.rangeLengths()) {
                reply.integer(range.length());
            }
        }
        reply.bulk("len");
        reply.integer(common.length());
    }

    private static void replyPair(ReplyWriter reply, long start, long length) {
        reply.array(2);
        reply.integer(start);
        reply.integer(start + length - 1);
    }
}
