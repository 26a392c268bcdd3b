package io.granary.slots.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.Frame;
import io.granary.slots.keyspace.EvictionPolicy;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.transcript.InProcess;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What looking a key up and changing it do beside the reply. */
class SlotCallTest {

    private static final long NOW_MS = 1_700_000_000_000L;
    private static final CallSettings LFU = with(EvictionPolicy.ALLKEYS_LFU, false);

    private final InProcess server = new InProcess(false, NOW_MS);

    private static CallSettings with(EvictionPolicy policy, boolean keepExpired) {
        ExpiredKeys rule = keepExpired ? ExpiredKeys.HIDDEN : ExpiredKeys.REMOVED;
        return new CallSettings(policy, false, 1, 0, 1 << 20, rule, false, false);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String ask(String line) {
        Frame reply = server.ask(line);
        return switch (reply) {
            case Frame.Null _ -> null;
            case Frame.Array array -> array.items().toString();
            default -> reply.text();
        };
    }

    private AtomicInteger watch(String key) {
        AtomicInteger touched = new AtomicInteger();
        SlotStore store = server.keyspace().store(0, 0);
        store.watch(key.getBytes(StandardCharsets.US_ASCII), (_, _) -> touched.incrementAndGet());
        return touched;
    }

    @Test
    void aReadIsAHitOrAMissAndAWriteNeither() {
        ask("SET a 1");
        ask("INCR a");
        ask("DEL missing");
        assertThat(server.keyspace().stats().hits()).isZero();
        assertThat(server.keyspace().stats().misses()).isZero();
        ask("GET a");
        ask("MGET a missing a");
        ask("EXISTS a missing");
        ask("OBJECT ENCODING a");
        assertThat(server.keyspace().stats().hits()).isEqualTo(5);
        assertThat(server.keyspace().stats().misses()).isEqualTo(2);
    }

    @Test
    void aKeyIsThereUntilItsLastMillisecondIsOver() {
        ask("SET a 1 PX 100");
        server.advance(100);
        assertThat(ask("GET a")).isEqualTo("1");
        assertThat(ask("PTTL a")).isEqualTo("0");
        server.advance(1);
        assertThat(ask("GET a")).isNull();
        assertThat(server.keyspace().stats().expired()).isOne();
        assertThat(server.keyspace().size(0)).isZero();
    }

    @Test
    void anExpiredKeyStaysHiddenWhereItsRemovalComesFromElsewhere() {
        ask("SET a 1 PX 100");
        server.advance(101);
        server.settings(with(EvictionPolicy.NOEVICTION, true));
        assertThat(ask("GET a")).isNull();
        assertThat(ask("KEYS *")).isEqualTo("[]");
        assertThat(ask("RANDOMKEY")).isNull();
        assertThat(server.keyspace().size(0)).isOne();
        assertThat(ask("DEL a")).isEqualTo("1");
        assertThat(server.keyspace().size(0)).isZero();
    }

    @Test
    void theIdleTimeGrowsUntilTheKeyIsUsed() {
        ask("SET a 1");
        server.advance(5_000);
        assertThat(ask("OBJECT IDLETIME a")).isEqualTo("5");
        ask("TTL a");
        ask("EXISTS a");
        ask("TYPE a");
        assertThat(ask("OBJECT IDLETIME a")).isEqualTo("5");
        ask("GET a");
        assertThat(ask("OBJECT IDLETIME a")).isEqualTo("0");
        server.advance(7_000);
        ask("STRLEN a");
        assertThat(ask("OBJECT IDLETIME a")).isEqualTo("0");
    }

    @Test
    void aClientThatDoesNotTouchLeavesTheIdleTimeExceptByTouch() {
        ask("SET a 1");
        server.advance(5_000);
        server.call().noTouch(true);
        ask("GET a");
        ask("INCR a");
        ask("SET a 2");
        assertThat(ask("OBJECT IDLETIME a")).isEqualTo("5");
        ask("SET new 1");
        assertThat(ask("OBJECT IDLETIME new")).isEqualTo("0");
        ask("TOUCH a");
        assertThat(ask("OBJECT IDLETIME a")).isEqualTo("0");
    }

    @Test
    void anLfuCounterGrowsWithUseAndDecaysWithTime() {
        server.settings(LFU);
        ask("SET a x");
        assertThat(ask("OBJECT FREQ a")).isEqualTo("5");
        for (int i = 0; i < 20; i++) {
            ask("GET a");
        }
        assertThat(ask("OBJECT FREQ a")).isEqualTo("25");
        server.advance(10 * 60_000);
        assertThat(ask("OBJECT FREQ a")).isEqualTo("15");
        ask("SET a y");
        assertThat(ask("OBJECT FREQ a")).isEqualTo("16");
        ask("TTL a");
        assertThat(ask("OBJECT FREQ a")).isEqualTo("16");
        server.call().noTouch(true);
        ask("GET a");
        assertThat(ask("OBJECT FREQ a")).isEqualTo("16");
    }

    @Test
    void aRenamedOrCopiedKeyIsNew() {
        ask("SET a 1");
        server.advance(5_000);
        server.call().noTouch(true);
        ask("COPY a b");
        ask("RENAME a c");
        assertThat(ask("OBJECT IDLETIME b")).isEqualTo("0");
        assertThat(ask("OBJECT IDLETIME c")).isEqualTo("0");
    }

    @Test
    void whoeverWatchesAKeyLearnsOfItsChange() {
        AtomicInteger touched = watch("a");
        ask("SET b 1");
        ask("GET a");
        ask("DEL a");
        ask("EXPIRE a 10");
        assertThat(touched).hasValue(0);
        ask("SET a 1");
        assertThat(touched).hasValue(1);
        ask("GET a");
        ask("PERSIST a");
        ask("GETEX a");
        assertThat(touched).hasValue(1);
        ask("APPEND a 2");
        assertThat(touched).hasValue(2);
    }

    @Test
    void whoeverWatchesTheSourceOfARenameLearnsOfIt() {
        ask("SET a 1");
        AtomicInteger source = watch("a");
        AtomicInteger target = watch("b");
        ask("RENAME a b");
        assertThat(source).hasValue(1);
        assertThat(target).hasValue(1);
    }

    @Test
    void whoeverWatchesAKeyLearnsOfItsExpiryAndOfAFlush() {
        ask("SET a 1 PX 1");
        ask("SET b 1");
        AtomicInteger expired = watch("a");
        AtomicInteger flushed = watch("b");
        AtomicInteger missing = watch("c");
        server.advance(2);
        ask("GET a");
        assertThat(expired).hasValue(1);
        ask("FLUSHALL");
        assertThat(flushed).hasValue(1);
        assertThat(missing).hasValue(0);
    }

    @Test
    void eachChangeOfTheDataIsCounted() {
        assertThat(changes("SET a 1")).isEqualTo(1);
        assertThat(changes("SET a 1 EX 10")).isEqualTo(1);
        assertThat(changes("MSET a 1 b 2 c 3")).isEqualTo(3);
        assertThat(changes("GET a")).isZero();
        assertThat(changes("SET a 1 NX")).isZero();
        assertThat(changes("RENAME a d")).isEqualTo(1);
        assertThat(changes("PERSIST d")).isZero();
        assertThat(changes("DEL b c missing")).isEqualTo(2);
        assertThat(changes("GETDEL d")).isEqualTo(1);
        ask("MSET a 1 b 2 c 3");
        assertThat(changes("FLUSHALL")).isEqualTo(3);
    }

    private long changes(String line) {
        server.ask(line);
        return server.call().changes();
    }
}
