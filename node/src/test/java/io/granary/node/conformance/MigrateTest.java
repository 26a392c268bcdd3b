package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.slots.Slot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** MIGRATE from one server to another, each of either make. */
@ParameterizedClass(name = "{0} to {1}")
@MethodSource("pairs")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MigrateTest {

    private static final String TIMEOUT = "20000";

    @Parameter(0)
    private LiveServer.Kind from;
    @Parameter(1)
    private LiveServer.Kind to;

    private LiveServer source;
    private LiveServer target;
    private LiveServer guarded;
    private Wire here;
    private Wire there;

    static Stream<Object[]> pairs() {
        return Stream.of(LiveServer.Kind.values())
                .flatMap(one -> Stream.of(LiveServer.Kind.values()).map(other -> new Object[] {one, other}));
    }

    @BeforeParameterizedClassInvocation
    void start() {
        source = from.start("--save", "");
        target = to.start("--save", "");
        guarded = to.start("--save", "");
        try (Wire operator = Wire.to(guarded)) {
            operator.ask("CONFIG", "SET", "requirepass", "secret");
        }
    }

    @AfterParameterizedClassInvocation
    void stop() {
        Stream.of(source, target, guarded).filter(each -> each != null).forEach(LiveServer::close);
    }

    @BeforeEach
    void connect() {
        here = Wire.to(source);
        there = Wire.to(target);
        here.ask("FLUSHALL");
        there.ask("FLUSHALL");
    }

    @AfterEach
    void disconnect() {
        here.close();
        there.close();
    }

    private String migrate(LiveServer server, String key, String... options) {
        List<String> request = new ArrayList<>(
                List.of("MIGRATE", "127.0.0.1", Integer.toString(server.port()), key, "0", TIMEOUT));
        request.addAll(List.of(options));
        return here.ask(request.toArray(String[]::new));
    }

    @Test
    void aKeyGoesWithItsExpiry() {
        here.ask("SET", "k", "value", "PX", "100000");
        here.ask("SET", "stays", "x");
        assertThat(migrate(target, "k")).isEqualTo("OK");
        assertThat(here.ask("EXISTS", "k")).isEqualTo("(integer) 0");
        assertThat(here.ask("EXISTS", "stays")).isEqualTo("(integer) 1");
        assertThat(there.ask("GET", "k")).isEqualTo("\"value\"");
        assertThat(Long.parseLong(there.ask("PTTL", "k").substring("(integer) ".length()))).isBetween(50_000L, 100_000L);
    }

    @Test
    void manyKeysGoAtOnceAndMissingOnesAreNoHindrance() {
        List<String> request = new ArrayList<>(
                List.of("MIGRATE", "127.0.0.1", Integer.toString(target.port()), "", "0", TIMEOUT, "KEYS", "missing"));
        for (int i = 0; i < 1000; i++) {
            here.ask("SET", "k" + i, "v" + i);
            request.add("k" + i);
        }
        assertThat(here.ask(request.toArray(String[]::new))).isEqualTo("OK");
        assertThat(here.ask("DBSIZE")).isEqualTo("(integer) 0");
        assertThat(there.ask("DBSIZE")).isEqualTo("(integer) 1000");
        assertThat(there.ask("GET", "k999")).isEqualTo("\"v999\"");
        assertThat(here.ask(request.toArray(String[]::new))).isEqualTo("NOKEY");
    }

    @Test
    void aLongValueArrivesWhole() {
        here.ask("SETRANGE", "k", "9000000", "end");
        assertThat(migrate(target, "k")).isEqualTo("OK");
        assertThat(there.ask("STRLEN", "k")).isEqualTo("(integer) 9000003");
        assertThat(there.ask("GETRANGE", "k", "8999999", "-1")).isEqualTo("\"\\x00end\"");
    }

    @Test
    void aCopyStaysAndReplacesWhereItMay() {
        here.ask("SET", "k", "new");
        there.ask("SET", "k", "old");
        assertThat(migrate(target, "k", "COPY")).isEqualTo(
                "(error) ERR Target instance replied with error: BUSYKEY Target key name already exists.");
        assertThat(there.ask("GET", "k")).isEqualTo("\"old\"");
        assertThat(migrate(target, "k", "COPY", "REPLACE")).isEqualTo("OK");
        assertThat(there.ask("GET", "k") + here.ask("GET", "k")).isEqualTo("\"new\"\"new\"");
        assertThat(migrate(target, "k", "replace")).isEqualTo("OK");
        assertThat(here.ask("EXISTS", "k")).isEqualTo("(integer) 0");
    }

    @Test
    void whatWasRefusedStaysAndTheRestGoes() {
        there.ask("SET", "b", "busy");
        here.ask("MSET", "a", "1", "b", "2", "c", "3");
        assertThat(migrate(target, "", "KEYS", "a", "b", "c")).isEqualTo(
                "(error) ERR Target instance replied with error: BUSYKEY Target key name already exists.");
        assertThat(here.ask("MGET", "a", "b", "c")).isEqualTo("1) (nil)\n2) \"2\"\n3) (nil)");
        assertThat(there.ask("MGET", "a", "b", "c")).isEqualTo("1) \"1\"\n2) \"busy\"\n3) \"3\"");
    }

    @Test
    void databasesAreSelectedAsNeeded() {
        here.ask("SET", "k", "v");
        assertThat(here.ask("MIGRATE", "127.0.0.1", Integer.toString(target.port()), "k", "3", TIMEOUT)).isEqualTo("OK");
        here.ask("SET", "l", "v");
        assertThat(migrate(target, "l")).isEqualTo("OK");
        assertThat(there.ask("GET", "k") + there.ask("GET", "l")).isEqualTo("(nil)\"v\"");
        there.ask("SELECT", "3");
        assertThat(there.ask("GET", "k")).isEqualTo("\"v\"");
        here.ask("SET", "k", "v");
        assertThat(here.ask("MIGRATE", "127.0.0.1", Integer.toString(target.port()), "k", "99", TIMEOUT))
                .isEqualTo("(error) ERR Target instance replied with error: ERR DB index is out of range");
        assertThat(here.ask("EXISTS", "k")).isEqualTo("(integer) 1");
        // where Redis is the source, it has gone to the wrong database all the same
        assertThat(migrate(target, "k", "REPLACE")).isEqualTo("OK");
    }

    @Test
    void passwordsAreSentAndErrorsPassedOn() {
        here.ask("SET", "k", "v");
        assertThat(migrate(guarded, "k")).isEqualTo(
                "(error) ERR Target instance replied with error: NOAUTH Authentication required.");
        assertThat(migrate(guarded, "k", "AUTH", "wrong")).startsWith(
                "(error) ERR Target instance replied with error: WRONGPASS invalid username-password pair");
        assertThat(here.ask("EXISTS", "k")).isEqualTo("(integer) 1");
        assertThat(migrate(guarded, "k", "COPY", "AUTH", "secret")).isEqualTo("OK");
        assertThat(migrate(guarded, "", "REPLACE", "AUTH2", "default", "secret", "KEYS", "k")).isEqualTo("OK");
        assertThat(here.ask("EXISTS", "k")).isEqualTo("(integer) 0");
    }

    @Test
    void aConnectionThatWasKeptAndIsGoneDoesNoHarm() {
        here.ask("MSET", "a", "1", "b", "2");
        assertThat(migrate(target, "a")).isEqualTo("OK");
        there.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        assertThat(migrate(target, "b")).isEqualTo("OK");
        assertThat(there.ask("MGET", "a", "b")).isEqualTo("1) \"1\"\n2) \"2\"");
    }

    @Test
    void nobodyThereIsAnError() {
        here.ask("SET", "k", "v");
        assertThat(here.ask("MIGRATE", "127.0.0.1", "1", "k", "0", TIMEOUT))
                .startsWith("(error) IOERR error or timeout ");
        assertThat(here.ask("GET", "k")).isEqualTo("\"v\"");
    }

    @Test
    void aTargetThatSaysNothingIsAnErrorSoon() throws IOException {
        here.ask("SET", "k", "v");
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThat(here.ask("MIGRATE", "127.0.0.1", Integer.toString(mute.getLocalPort()), "k", "0", "200"))
                    .isEqualTo("(error) IOERR error or timeout reading to target instance");
        }
        assertThat(here.ask("GET", "k")).isEqualTo("\"v\"");
    }

    @Test
    void whatMakesNoSenseIsRefusedInRedissWords() {
        here.ask("SET", "k", "v");
        assertThat(migrate(target, "k", "KEYS", "k")).isEqualTo(
                "(error) ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");
        assertThat(migrate(target, "k", "NONSENSE")).isEqualTo("(error) ERR syntax error");
        assertThat(migrate(target, "k", "AUTH")).isEqualTo("(error) ERR syntax error");
        assertThat(migrate(target, "k", "AUTH2", "user")).isEqualTo("(error) ERR syntax error");
        assertThat(here.ask("MIGRATE", "127.0.0.1", "1", "k", "0", "x"))
                .isEqualTo("(error) ERR value is not an integer or out of range");
        assertThat(here.ask("MIGRATE", "127.0.0.1", "1", "k", "x", "1"))
                .isEqualTo("(error) ERR value is not an integer or out of range");
        assertThat(here.ask("MIGRATE", "127.0.0.1", "1", "k", "0"))
                .isEqualTo("(error) ERR wrong number of arguments for 'migrate' command");
        assertThat(migrate(target, "", "KEYS")).isEqualTo("NOKEY");
        assertThat(migrate(target, "missing")).isEqualTo("NOKEY");
    }

    @Test
    void whoWatchesSeesTheKeyGo() {
        here.ask("SET", "k", "v");
        here.ask("WATCH", "k");
        try (Wire other = Wire.to(source)) {
            assertThat(other.ask("MIGRATE", "127.0.0.1", Integer.toString(target.port()), "k", "0", TIMEOUT))
                    .isEqualTo("OK");
        }
        here.ask("MULTI");
        here.ask("PING");
        assertThat(here.ask("EXEC")).isEqualTo("(nil)");
    }

    @Test
    void keysOfASlotThatMovesAreMigratedWhereTheyAre() {
        int slot = Slot.of("{b}".getBytes(StandardCharsets.US_ASCII));
        try (LiveServer owner = from.start("--cluster-enabled", "yes");
                LiveServer next = to.start("--cluster-enabled", "yes");
                Wire old = Wire.to(owner); Wire fresh = Wire.to(next)) {
            old.ask("CLUSTER", "SET-CONFIG-EPOCH", "1");
            fresh.ask("CLUSTER", "SET-CONFIG-EPOCH", "2");
            old.ask("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
            fresh.ask("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
            old.ask("CLUSTER", "MEET", "127.0.0.1", Integer.toString(next.port()));
            for (Wire each : List.of(old, fresh)) {
                await().until(() -> each.ask("CLUSTER", "INFO").contains("cluster_state:ok"));
            }
            String oldId = old.ask("CLUSTER", "MYID").replace("\"", "");
            String newId = fresh.ask("CLUSTER", "MYID").replace("\"", "");
            old.ask("MSET", "{b}1", "1", "{b}2", "2");
            fresh.ask("CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", oldId);
            old.ask("CLUSTER", "SETSLOT", Integer.toString(slot), "MIGRATING", newId);
            assertThat(old.ask("MIGRATE", "127.0.0.1", Integer.toString(next.port()), "", "0", TIMEOUT, "KEYS", "{b}1",
                    "{b}gone")).isEqualTo("OK");
            assertThat(old.ask("GET", "{b}1")).isEqualTo("(error) ASK " + slot + " 127.0.0.1:" + next.port());
            assertThat(old.ask("MIGRATE", "127.0.0.1", Integer.toString(next.port()), "{b}1", "0", TIMEOUT))
                    .isEqualTo("NOKEY");
            assertThat(old.ask("CLUSTER", "GETKEYSINSLOT", Integer.toString(slot), "10")).isEqualTo("1) \"{b}2\"");
            assertThat(fresh.ask("CLUSTER", "COUNTKEYSINSLOT", Integer.toString(slot))).isEqualTo("(integer) 1");
            assertThat(fresh.ask("ASKING") + fresh.ask("GET", "{b}1")).isEqualTo("OK\"1\"");
            assertThat(fresh.ask("MIGRATE", "127.0.0.1", Integer.toString(owner.port()), "{b}1", "0", TIMEOUT))
                    .startsWith("(error) ERR Target instance replied with error: ");
            assertThat(old.ask("MIGRATE", "127.0.0.1", Integer.toString(next.port()), "", "0", TIMEOUT, "KEYS", "{b}2", "{a}"))
                    .isEqualTo("(error) CROSSSLOT Keys in request don't hash to the same slot");
        }
    }
}
