package io.granary.slots.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.resp.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeySpecsTest {

    private static Command<Object> row(String name, String synopsis) {
        return Command.of(name, synopsis, (Object _) -> { });
    }

    private static String numbers(Command<Object> row) {
        return row.firstKey() + " " + row.lastKey() + " " + row.keyStep() + (row.movableKeys() ? " movable" : "");
    }

    private static List<Integer> keys(Command<Object> row, String line) {
        List<Integer> keys = new ArrayList<>();
        int count = row.keys(Requests.line(line), (argument, _) -> keys.add(argument));
        assertEquals(Math.max(count, 0), keys.size());
        return count < 0 ? null : keys;
    }

    @Test
    void plainKeysAreThreeNumbers() {
        assertEquals("0 0 0", numbers(row("PING", "[message]")));
        assertEquals("1 1 1", numbers(row("GET", "key").keys(KeyFlag.RO)));
        assertEquals("1 -1 1", numbers(row("DEL", "key [key ...]").keys(KeyFlag.RM)));
        assertEquals("1 -1 2", numbers(row("MSET", "key value [key value ...]").keys(KeyFlag.OW)));
        assertEquals("1 2 1", numbers(row("LCS", "key1 key2 [LEN]").keys(KeyFlag.RO)));
        assertEquals("1 2 1", numbers(row("RENAME", "key newkey").keys(KeyFlag.RW).keys(KeyFlag.OW)));
        assertEquals("1 -1 1", numbers(row("SUNIONSTORE", "destination key [key ...]").keys(KeyFlag.OW).keys(KeyFlag.RO)));
        assertEquals("2 2 1", numbers(row("OBJECT ENCODING", "key").keys(KeyFlag.RO)));
        assertEquals("1 -2 1", numbers(row("BLPOP", "key [key ...] timeout").keys(KeyFlag.RW)));
    }

    @Test
    void whatTheNumbersDoNotTellIsMovable() {
        assertEquals("0 0 0 movable", numbers(row("SINTERCARD", "numkeys key [key ...]").keys(KeyFlag.RO)));
        assertEquals("1 1 1 movable",
                numbers(row("ZUNIONSTORE", "destination numkeys key [key ...]").keys(KeyFlag.OW).keys(KeyFlag.RO)));
        assertEquals("1 1 1 movable", numbers(sort()));
        assertEquals("1 1 1 movable", numbers(row("X", "key").keys(KeyFlag.RO, KeyFlag.INCOMPLETE)));
    }

    private static Command<Object> sort() {
        return row("SORT", "key [STORE destination]")
                .keySpec(KeySpec.range(1, 0, 1, KeyFlag.RO, KeyFlag.ACCESS))
                .keySpec(KeySpec.unknown("STORE may be anywhere", KeyFlag.OW))
                .keyFinder((request, visitor) -> {
                    visitor.visit(1, KeyFlag.RO.bit());
                    visitor.visit(request.count() - 1, KeyFlag.OW.bit());
                    return 2;
                });
    }

    @Test
    void keysAreVisitedInARealRequest() {
        assertEquals(List.of(1, 3), keys(row("MSET", "key value [key value ...]").keys(KeyFlag.OW), "mset a 1 b 2"));
        Command<Object> union = row("ZUNIONSTORE", "destination numkeys key [key ...] [WEIGHTS weight [weight ...]]")
                .keys(KeyFlag.OW).keys(KeyFlag.RO);
        assertEquals(List.of(1, 3, 4), keys(union, "zunionstore d 2 a b weights 1 2"));
        assertEquals(null, keys(union, "zunionstore d 3 a b"));
        assertEquals(null, keys(union, "zunionstore d 0 a b"));
        assertEquals(null, keys(union, "zunionstore d x a b"));
        assertEquals(null, keys(union, "zunionstore d -1 a b"));
        assertEquals(null, keys(union, "zunionstore d 4294967297 a b"));
        assertEquals(List.of(1, 3), keys(sort(), "sort k store d"));
    }

    @Test
    void keysBehindAWordAreFound() {
        Command<Object> read = row("XREAD", "[COUNT count] [BLOCK milliseconds] STREAMS <key [key ...] id [id ...]>")
                .keys(KeyFlag.RO);
        assertEquals(List.of(4, 5), keys(read, "xread count 1 streams a b 0 0"));
        assertEquals(List.of(2), keys(read, "xread streams a 0"));
        Command<Object> radius = row("GEORADIUS", "key longitude latitude radius <M | KM> [STORE destination]")
                .keys(KeyFlag.RO).keys(KeyFlag.OW);
        assertEquals(List.of(1, 7), keys(radius, "georadius k 1 2 3 m store d"));
        assertEquals(List.of(1), keys(radius, "georadius k 1 2 3 m"));
        Command<Object> migrate = row("MIGRATE", "host port <key | \"\"> db [KEYS key [key ...]]")
                .keySpec(KeySpec.range(3, 0, 1, KeyFlag.RW))
                .keySpec(KeySpec.behind("KEYS", -2, -1, KeyFlag.RW));
        assertEquals(List.of(3, 6, 7), keys(migrate, "migrate h 1 k 0 keys a b"));
    }

    @Test
    void flagsThatVaryAreAskedOfTheFinder() {
        int[] seen = new int[1];
        Command<Object> set = row("SET", "key value [GET]").keys(KeyFlag.RW, KeyFlag.VARIABLE_FLAGS)
                .keyFinder((Request _, KeyVisitor visitor) -> {
                    visitor.visit(1, KeyFlag.OW.bit());
                    return 1;
                });
        set.keys(Requests.line("set k v"), (_, flags) -> seen[0] = flags);
        assertEquals(KeyFlag.OW.bit(), seen[0]);
        assertEquals("1 1 1", numbers(set));
    }

    @Test
    void whatIsOnlyRoutedLikeAKeyIsNone() {
        Command<Object> publish = row("SPUBLISH", "shardchannel message").keySpec(KeySpec.range(1, 0, 1, KeyFlag.NOT_KEY));
        assertEquals(List.of(1), keys(publish, "spublish c m"));
        assertFalse(publish.keySpecs().any());
        assertTrue(sort().keySpecs().any());
    }
}
