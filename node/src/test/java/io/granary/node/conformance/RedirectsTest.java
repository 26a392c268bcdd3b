package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.Slot;
import io.granary.slots.transcript.Connection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Which node answers what: two nodes, the first with slots 0 to 8191, the second with the rest. */
@ParameterizedClass(name = "{0}")
@EnumSource
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedirectsTest {

    private static final String CROSS_SLOT = "(error) CROSSSLOT Keys in request don't hash to the same slot";
    private static final String TRY_AGAIN = "(error) TRYAGAIN Multiple keys request during rehashing of slot";

    /** Slots of keys with these tags: {here} is the first node's, {there} the second's. */
    private static final int HERE = Slot.of("{b}".getBytes(StandardCharsets.US_ASCII));
    private static final int THERE = Slot.of("{a}".getBytes(StandardCharsets.US_ASCII));

    @Parameter
    private LiveServer.Kind kind;

    private LiveServer first;
    private LiveServer second;
    private String firstId;
    private String secondId;
    private Wire one;
    private Wire two;

    @BeforeParameterizedClassInvocation
    void start() {
        first = kind.start("--cluster-enabled", "yes", "--cluster-require-full-coverage", "no");
        second = kind.start("--cluster-enabled", "yes", "--cluster-require-full-coverage", "no");
        try (Connection one = first.connect(); Connection two = second.connect()) {
            one.ask("CLUSTER", "SET-CONFIG-EPOCH", "1");
            two.ask("CLUSTER", "SET-CONFIG-EPOCH", "2");
            one.ask("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
            two.ask("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
            one.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(second.port()));
            firstId = one.ask("CLUSTER", "MYID").text();
            secondId = two.ask("CLUSTER", "MYID").text();
            for (Connection each : List.of(one, two)) {
                await().until(() -> {
                    String info = each.ask("CLUSTER", "INFO").text();
                    return info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384");
                });
            }
        }
    }

    @AfterParameterizedClassInvocation
    void stop() {
        if (second != null) {
            second.close();
        }
        if (first != null) {
            first.close();
        }
    }

    @BeforeEach
    void connect() {
        one = Wire.to(first);
        two = Wire.to(second);
        one.ask("FLUSHALL");
        two.ask("FLUSHALL");
    }

    @AfterEach
    void settle() {
        for (int slot : new int[] {HERE, THERE}) {
            one.ask("CLUSTER", "SETSLOT", Integer.toString(slot), "STABLE");
            two.ask("CLUSTER", "SETSLOT", Integer.toString(slot), "STABLE");
        }
        one.close();
        two.close();
    }

    private String moved(int slot) {
        return "(error) MOVED " + slot + " 127.0.0.1:" + (slot < 8192 ? first : second).port();
    }

    private String ask(int slot) {
        return "(error) ASK " + slot + " 127.0.0.1:" + second.port();
    }

    @Test
    void theSlotsOfTheTestAreWhereItThinks() {
        assertThat(HERE).isLessThan(8192);
        assertThat(THERE).isGreaterThanOrEqualTo(8192);
    }

    @Test
    void keysOfOthersAreRedirected() {
        assertThat(one.ask("SET", "{b}k", "v")).isEqualTo("OK");
        assertThat(two.ask("GET", "{b}k")).isEqualTo(moved(HERE));
        assertThat(two.ask("SET", "{b}k", "w")).isEqualTo(moved(HERE));
        assertThat(one.ask("MGET", "{a}k", "{a}l")).isEqualTo(moved(THERE));
        assertThat(one.ask("DEL", "{a}k", "{b}k")).isEqualTo(CROSS_SLOT);
        assertThat(two.ask("OBJECT", "ENCODING", "{b}k")).isEqualTo(moved(HERE));
        assertThat(two.ask("WATCH", "{b}k")).isEqualTo(moved(HERE));
        assertThat(two.ask("PING")).isEqualTo("PONG");
        assertThat(two.ask("READONLY")).isEqualTo("OK");
        assertThat(two.ask("GET", "{b}k")).isEqualTo(moved(HERE));
    }

    @Test
    void argumentsAreCheckedBeforeOwners() {
        assertThat(one.ask("GET", "{a}k", "x")).isEqualTo("(error) ERR wrong number of arguments for 'get' command");
        assertThat(one.ask("SET", "{a}k", "v", "NOSUCH")).isEqualTo(moved(THERE));
        assertThat(one.ask("COMMAND", "GETKEYS", "GET", "{a}k")).isEqualTo("1) \"{a}k\"");
    }

    @Test
    void transactionsAreOfOneSlot() {
        one.ask("MULTI");
        assertThat(one.ask("SET", "{b}k", "1")).isEqualTo("QUEUED");
        assertThat(one.ask("SET", "{a}k", "1")).isEqualTo(moved(THERE));
        assertThat(one.ask("EXEC")).isEqualTo("(error) EXECABORT Transaction discarded because of previous errors.");
        one.ask("MULTI");
        one.ask("SET", "{b}k", "1");
        one.ask("GET", "{b}l");
        assertThat(one.ask("EXEC")).isEqualTo("1) OK\n2) (nil)");
        one.ask("MULTI");
        assertThat(one.ask("SET", "{b}k", "2") + one.ask("SET", "c", "2")).isEqualTo("QUEUEDQUEUED");
        assertThat(one.ask("EXEC")).isEqualTo(CROSS_SLOT);
        assertThat(one.ask("GET", "{b}k")).isEqualTo("\"1\"");
        assertThat(one.ask("EXEC")).isEqualTo("(error) ERR EXEC without MULTI");
        one.ask("MULTI");
        assertThat(one.ask("MGET", "{b}k", "c")).isEqualTo(CROSS_SLOT);
        assertThat(one.ask("EXEC")).isEqualTo("(error) EXECABORT Transaction discarded because of previous errors.");
    }

    @Test
    void aSlotThatLeavesIsAskedForElsewhereKeyByKey() {
        one.ask("SET", "{b}stays", "v");
        String slot = Integer.toString(HERE);
        assertThat(two.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", firstId)).isEqualTo("OK");
        assertThat(one.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", secondId)).isEqualTo("OK");
        assertThat(one.ask("GET", "{b}stays")).isEqualTo("\"v\"");
        assertThat(one.ask("GET", "{b}gone")).isEqualTo(ask(HERE));
        assertThat(one.ask("SET", "{b}gone", "v")).isEqualTo(ask(HERE));
        assertThat(one.ask("MGET", "{b}gone", "{b}gone2")).isEqualTo(ask(HERE));
        assertThat(one.ask("MGET", "{b}stays", "{b}gone")).isEqualTo(TRY_AGAIN);
        assertThat(one.ask("MULTI") + one.ask("GET", "{b}stays")).isEqualTo("OKQUEUED");
        assertThat(one.ask("SET", "{b}gone", "v")).isEqualTo(ask(HERE));
        assertThat(one.ask("EXEC")).isEqualTo("(error) EXECABORT Transaction discarded because of previous errors.");
        assertThat(two.ask("GET", "{b}gone")).isEqualTo(moved(HERE));
        assertThat(two.ask("ASKING")).isEqualTo("OK");
        assertThat(two.ask("SET", "{b}gone", "w")).isEqualTo("OK");
        assertThat(two.ask("GET", "{b}gone")).isEqualTo(moved(HERE));
        assertThat(two.ask("ASKING") + two.ask("GET", "{b}gone")).isEqualTo("OK\"w\"");
        assertThat(two.ask("ASKING") + two.ask("MGET", "{b}gone", "{b}stays")).isEqualTo("OK" + TRY_AGAIN);
        assertThat(two.ask("ASKING") + two.ask("PING") + two.ask("GET", "{b}gone")).isEqualTo("OKPONG" + moved(HERE));
        assertThat(two.ask("ASKING") + two.ask("DEL", "{b}gone")).isEqualTo("OK(integer) 1");
    }

    @Test
    void anExpiredKeyOfASlotThatLeavesIsAskedForElsewhere() {
        one.ask("SET", "{b}old", "v", "PX", "1");
        one.ask("DEBUG", "SLEEP", "0.005");
        one.ask("CLUSTER", "SETSLOT", Integer.toString(HERE), "MIGRATING", secondId);
        assertThat(one.ask("GET", "{b}old")).isEqualTo(ask(HERE));
    }

    @Test
    void aKeyOfASlotThatLeavesMayHaveALongName() {
        one.ask("CLUSTER", "SETSLOT", Integer.toString(HERE), "MIGRATING", secondId);
        assertThat(one.ask("GET", "{b}" + "x".repeat(17 << 20))).isEqualTo(ask(HERE));
    }

    @Test
    void whoAsksMayDoSoForAWholeTransaction() {
        String slot = Integer.toString(HERE);
        two.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", firstId);
        one.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", secondId);
        assertThat(two.ask("ASKING") + two.ask("MULTI")).isEqualTo("OKOK");
        assertThat(two.ask("SET", "{b}tx", "1") + two.ask("INCR", "{b}tx")).isEqualTo("QUEUEDQUEUED");
        assertThat(two.ask("EXEC")).isEqualTo("1) OK\n2) (integer) 2");
        assertThat(two.ask("GET", "{b}tx")).isEqualTo(moved(HERE));
        assertThat(two.ask("MULTI") + two.ask("SET", "{b}tx", "1")).isEqualTo("OK" + moved(HERE));
        assertThat(two.ask("DISCARD")).isEqualTo("OK");
        assertThat(two.ask("ASKING") + two.ask("DEL", "{b}tx")).isEqualTo("OK(integer) 1");
    }

    @Test
    void aSlotThatNobodyHasIsDown() {
        String slot = Integer.toString(HERE);
        one.ask("CLUSTER", "DELSLOTS", slot);
        try {
            assertThat(one.ask("GET", "{b}k")).isEqualTo("(error) CLUSTERDOWN Hash slot not served");
            assertThat(one.ask("MGET", "{b}k", "{a}k")).isEqualTo("(error) CLUSTERDOWN Hash slot not served");
            assertThat(one.ask("MGET", "{a}k", "{b}k")).isEqualTo(CROSS_SLOT);
            assertThat(one.ask("GET", "{a}k")).isEqualTo(moved(THERE));
            assertThat(one.ask("PING")).isEqualTo("PONG");
        } finally {
            one.ask("CLUSTER", "ADDSLOTS", slot);
        }
    }

    @Test
    void aClusterHasOneDatabase() {
        assertThat(one.ask("SELECT", "0")).isEqualTo("OK");
        assertThat(one.ask("SELECT", "1")).isEqualTo("(error) ERR SELECT is not allowed in cluster mode");
        assertThat(one.ask("SELECT", "x")).isEqualTo("(error) ERR value is not an integer or out of range");
        assertThat(one.ask("SWAPDB", "0", "1")).isEqualTo("(error) ERR SWAPDB is not allowed in cluster mode");
        assertThat(one.ask("MOVE", "{b}k", "1")).isEqualTo("(error) ERR MOVE is not allowed in cluster mode");
    }
}
