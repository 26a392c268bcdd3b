package io.granary.slots.commands;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.command.CallSettings;
import io.granary.slots.command.ExpiredKeys;
import io.granary.slots.transcript.InProcess;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is told to replicas of each command: as Redis 7.4 tells it. */
class EffectsOfCommandsTest {

    private static final long NOW_MS = 2_000_000_000_000L;

    /** One behind the other, from an empty keyspace on; the request, and what repeats it. Key {@code old} has expired. */
    private static final String STRINGS = """
            GET a                          ->
            SET a 1                        -> SET a 1
            set a 2                        -> set a 2
            GET a                          ->
            SET a 3 NX                     ->
            SET a 3 XX                     -> SET a 3 XX
            SET a 4 GET                    -> SET a 4
            SET a 4 get XX GET KEEPTTL     -> SET a 4 XX KEEPTTL
            SET a 4 NX GET                 ->
            SET GET GET GET                -> SET GET GET
            SET a v EX 10                  -> SET a v PXAT 2000000010000
            SET a v PX 11 XX GET           -> SET a v PXAT 2000000000011
            SET a v EXAT 2000000100        -> SET a v PXAT 2000000100000
            SET a v PXAT 2000000000012     -> SET a v PXAT 2000000000012
            SET a v XX GET PXAT 2000000000012 -> SET a v XX GET PXAT 2000000000012
            SET a v KEEPTTL                -> SET a v KEEPTTL
            SET a v EX 0                   ->
            SET old v PXAT 1               -> SET old v PXAT 1
            SET old w XX                   -> DEL old
            SETEX a 10 v                   -> SET a v PXAT 2000000010000
            PSETEX a 10 v                  -> SET a v PXAT 2000000000010
            SETNX a v                      ->
            SETNX b v                      -> SETNX b v
            GETSET b w                     -> SET b w
            GETSET c w                     -> SET c w
            GETDEL c                       -> DEL c
            GETDEL c                       ->
            GETEX b                        ->
            GETEX b EX 10                  -> PEXPIREAT b 2000000010000
            GETEX b PX 10                  -> PEXPIREAT b 2000000000010
            GETEX b EXAT 2000000001        -> PEXPIREAT b 2000000001000
            GETEX b PXAT 2000000000010     -> PEXPIREAT b 2000000000010
            GETEX b PERSIST                -> PERSIST b
            GETEX b PERSIST                ->
            GETEX b PXAT 10                -> DEL b
            MSET a 1 b 2                   -> MSET a 1 b 2
            MSETNX a 1 c 2                 ->
            MSETNX c 1 d 2                 -> MSETNX c 1 d 2
            INCR a                         -> INCR a
            DECR a                         -> DECR a
            INCRBY a 5                     -> INCRBY a 5
            DECRBY a 5                     -> DECRBY a 5
            INCRBYFLOAT a 0.5              -> SET a 1.5 KEEPTTL
            INCRBYFLOAT new 3e2            -> SET new 300 KEEPTTL
            INCR a                         ->
            APPEND a x                     -> APPEND a x
            APPEND a ""                    -> APPEND a \s
            SETRANGE a 1 yy                -> SETRANGE a 1 yy
            SETRANGE a 1 ""                ->
            STRLEN a                       ->
            GETRANGE a 0 -1                ->
            """;

    private static final String KEYS = """
            MSET a 1 b 2 c 3               -> MSET a 1 b 2 c 3
            DEL a x b                      -> DEL a x b
            DEL a x b                      ->
            UNLINK c x                     -> UNLINK c x
            SET a 1                        -> SET a 1
            EXPIRE a 10                    -> PEXPIREAT a 2000000010000
            EXPIRE a 10 NX                 ->
            expire a 20 gt                 -> PEXPIREAT a 2000000020000 gt
            PEXPIRE a 5                    -> PEXPIREAT a 2000000000005
            EXPIREAT a 2000000001 XX       -> PEXPIREAT a 2000000001000 XX
            PEXPIREAT a 2000000001001      -> PEXPIREAT a 2000000001001
            pexpireat a 2000000001002      -> pexpireat a 2000000001002
            EXPIRE x 10                    ->
            PERSIST a                      -> PERSIST a
            PERSIST a                      ->
            EXPIRE a -1                    -> DEL a
            SET a 1                        -> SET a 1
            PEXPIREAT a 1 NX               -> DEL a
            TTL a                          ->
            SET a 1                        -> SET a 1
            RENAME a a                     ->
            RENAME a b                     -> RENAME a b
            RENAMENX b b                   ->
            RENAMENX b c                   -> RENAMENX b c
            RENAME x y                     ->
            COPY c d                       -> COPY c d
            COPY c d                       ->
            COPY c d REPLACE               -> COPY c d REPLACE
            COPY c d DB 1                  -> COPY c d DB 1
            MOVE c 1                       -> MOVE c 1
            MOVE d 1                       ->
            TOUCH d                        ->
            EXISTS d                       ->
            OBJECT FREQ d                  ->
            """;

    private static final String EXPIRED = """
            SET old v PXAT 1               -> SET old v PXAT 1
            GET old                        -> DEL old
            GET old                        ->
            MSET a 1 b 2                   -> MSET a 1 b 2
            SET old v PXAT 1               -> SET old v PXAT 1
            SET old w                      -> MULTI; DEL old; SET old w; EXEC
            SET old v PXAT 1               -> SET old v PXAT 1
            INCR old                       -> MULTI; DEL old; INCR old; EXEC
            SET old v PXAT 1               -> SET old v PXAT 1
            DEL old                        -> DEL old
            SET old v PXAT 1               -> SET old v PXAT 1
            DEL old a                      -> MULTI; DEL old; DEL old a; EXEC
            SET old v PXAT 1               -> SET old v PXAT 1
            EXPIRE old 10                  -> DEL old
            SET old v PXAT 1               -> SET old v PXAT 1
            MGET old b old                 -> DEL old
            SET old v PXAT 1               -> SET old v PXAT 1
            TTL old                        -> DEL old
            SET old v PXAT 1               -> SET old v PXAT 1
            SET b w EX 10 GET              -> SET b w PXAT 2000000010000
            RENAME b old                   -> MULTI; DEL old; RENAME b old; EXEC
            SET old v PXAT 1               -> SET old v PXAT 1
            SELECT 1                       ->
            SET old v PXAT 1               -> SELECT 1; SET old v PXAT 1
            SELECT 0                       ->
            SET other 1                    -> SELECT 0; SET other 1
            COPY other old DB 1            -> MULTI; SELECT 1; DEL old; SELECT 0; COPY other old DB 1; EXEC
            SCAN 0                         -> DEL old
            SET old v PXAT 1               -> SET old v PXAT 1
            KEYS *                         ->
            DBSIZE                         ->
            DEL other                      -> DEL other
            RANDOMKEY                      -> DEL old
            SET old v PXAT 1               -> SET old v PXAT 1
            INCRBY old foo                 ->
            LCS old old                    -> DEL old
            """;

    private static final String WHOLE = """
            FLUSHALL                       -> FLUSHALL
            flushdb async                  -> flushdb async
            SET a 1                        -> SET a 1
            FLUSHDB SYNC                   -> FLUSHDB SYNC
            FLUSHALL now                   ->
            SWAPDB 0 1                     -> SWAPDB 0 1
            SWAPDB 1 1                     -> SWAPDB 1 1
            SWAPDB 0 99                    ->
            """;

    private final InProcess node = new InProcess(false, NOW_MS);

    @AfterEach
    void close() {
        node.close();
    }

    @TestFactory
    Stream<DynamicTest> ofStrings() {
        return inTurn(STRINGS);
    }

    @TestFactory
    Stream<DynamicTest> ofKeys() {
        return inTurn(KEYS);
    }

    @TestFactory
    Stream<DynamicTest> ofExpiredKeys() {
        return inTurn(EXPIRED);
    }

    @TestFactory
    Stream<DynamicTest> ofWholeDatabases() {
        return inTurn(WHOLE);
    }

    @Test
    void lazyRemovalsAreToldAsSuch() {
        CallSettings plain = CallSettings.DEFAULT;
        node.settings(new CallSettings(
                plain.policy(), false, 1, 10, plain.stringBytesMax(), ExpiredKeys.REMOVED, true, true));
        node.record();

        assertThat(effects("SET a 1 PXAT 1")).isEqualTo("SET a 1 PXAT 1");
        assertThat(effects("GET a")).isEqualTo("UNLINK a");
        assertThat(effects("SET a 1")).isEqualTo("SET a 1");
        assertThat(effects("EXPIRE a -1")).isEqualTo("UNLINK a");
        assertThat(effects("SET a 1")).isEqualTo("SET a 1");
        assertThat(effects("GETDEL a")).isEqualTo("DEL a");
    }

    @Test
    void whatIsHiddenIsNotTold() {
        node.record();
        effects("SET a 1 PXAT 1");
        node.settings(CallSettings.DEFAULT.with(ExpiredKeys.HIDDEN));

        assertThat(effects("GET a")).isEmpty();
        assertThat(effects("SCAN 0")).isEmpty();
    }

    @Test
    void nothingIsWrittenDownUnlessAskedFor() {
        effects("SET a 1 PXAT 1");
        effects("GET a");
        effects("SETEX a 10 v");

        assertThat(node.call().effects().isEmpty()).isTrue();
        assertThat(node.effects()).isEmpty();
    }

    private Stream<DynamicTest> inTurn(String table) {
        node.record();
        return table.lines().map(line -> {
            String request = line.substring(0, line.indexOf("->")).strip();
            String expected = line.substring(line.indexOf("->") + 2).strip();
            return DynamicTest.dynamicTest(request, () -> assertThat(effects(request)).isEqualTo(expected));
        });
    }

    private String effects(String request) {
        node.ask(request);
        List<List<String>> effects = node.effects();
        return effects.stream().map(words -> String.join(" ", words)).collect(Collectors.joining("; ")).strip();
    }
}
