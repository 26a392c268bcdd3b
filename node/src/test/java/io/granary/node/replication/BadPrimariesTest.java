package io.granary.node.replication;

import static io.granary.node.replication.ScriptedPrimary.ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.node.conformance.LiveServer.Kind;
import io.granary.node.replication.ScriptedPrimary.Script;
import io.granary.persistence.rdb.RdbOrigin;
import io.granary.persistence.rdb.RdbWriter;
import io.granary.resp.RequestEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a primary sends: the reason is logged, the link is tried again, and the old data stay as they are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadPrimariesTest {

    private static final String MARK = "m".repeat(40);
    private static final String FULL = "+FULLRESYNC " + ID + " 100\r\n";
    private static final byte[] RDB = rdb();
    private static final Map<String, String> OLD = Map.of("0 old", "data, -1");

    private Peer replica;
    private Peer byFile;

    @BeforeAll
    void start() {
        replica = Peer.start(Kind.GRANARY, "--repl-timeout", "1");
        replica.ask("SET", "old", "data");
        byFile = Peer.start(Kind.GRANARY, "--repl-timeout", "1", "--repl-diskless-load", "disabled");
        byFile.ask("SET", "old", "data");
    }

    @AfterAll
    void stop() {
        replica.close();
        byFile.close();
    }

    private static byte[] rdb() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (RdbWriter writer = new RdbWriter(Channels.newChannel(file), RdbWriter.VERSION_MIN, false, true);
                Arena arena = Arena.ofConfined()) {
            writer.begin(new RdbOrigin("7.4.1", 1, 1, new RdbOrigin.ReplicationPoint(ID, 100, 0), false));
            writer.database(0, 100, 0);
            for (int i = 0; i < 100; i++) {
                MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_BYTE, ascii("new" + i));
                writer.string(key, 0, key.byteSize(), key, 0, key.byteSize(), -1);
            }
            writer.end();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return file.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] flipped(double place) {
        byte[] broken = RDB.clone();
        broken[(int) (place * (RDB.length - 1))] ^= 0x10;
        return broken;
    }

    /** After the dialogue: a snapshot in the form with a length. */
    private static Script snapshot(byte[] rdb) {
        return dialogue -> {
            dialogue.untilPsync();
            dialogue.say(FULL + "$" + rdb.length + "\r\n").say(rdb).listen();
        };
    }

    private static Script answer(String answer) {
        return dialogue -> {
            dialogue.untilPsync();
            dialogue.say(answer).listen();
        };
    }

    private static Arguments bad(String name, String reason, Script script) {
        return Arguments.of(name, reason, script);
    }

    static Stream<Arguments> beforeTheStream() {
        return Stream.of(
                bad("a web server", "Error reply to PING from master: 'HTTP/1.1 400 Bad Request'",
                        dialogue -> dialogue.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").listen()),
                bad("garbage", "no Redis answers like this", dialogue -> dialogue.say("\0".repeat(10_000)).listen()),
                bad("no word", "Timeout connecting to the MASTER...", ScriptedPrimary.Dialogue::listen),
                bad("no more after PSYNC", "Timeout connecting to the MASTER...", answer("")),
                bad("closes at once", "the connection was closed by the master", _ -> { }),
                bad("an error", "Master does not support PSYNC or is in error state (reply: -ERR nonsense)",
                        answer("-ERR nonsense\r\n")),
                bad("wrong id", "Master replied with wrong +FULLRESYNC syntax", answer("+FULLRESYNC 0123 100\r\n")),
                bad("wrong offset", "Master replied with wrong +FULLRESYNC syntax", answer("+FULLRESYNC " + ID + " x\r\n")),
                bad("goes on with a wrong id", "Unexpected reply to PSYNC", answer("+CONTINUE 0123\r\n")),
                bad("error for a snapshot", "MASTER aborted replication with an error", answer(FULL + "-ERR no disk\r\n")),
                bad("no snapshot", "Bad protocol from MASTER", answer(FULL + "*1\r\n$4\r\nPING\r\n")),
                bad("nonsense for a length", "Bad protocol from MASTER", answer(FULL + "$-5\r\n")),
                bad("huge length, little data", "Timeout receiving bulk data from MASTER",
                        answer(FULL + "$9000000000000000\r\nREDIS0009")),
                bad("silent snapshot", "Timeout receiving bulk data from MASTER", answer(FULL)),
                bad("empty snapshot", "Failed trying to load the MASTER synchronization DB", answer(FULL + "$0\r\n")),
                bad("no RDB", "this is no RDB", snapshot(ascii("HELLO WORLD, I AM NO RDB AT ALL"))),
                bad("broken at the beginning", "Failed trying to load", snapshot(flipped(0.02))),
                bad("broken in the middle", "Failed trying to load", snapshot(flipped(0.5))),
                bad("broken near the end", "Failed trying to load", snapshot(flipped(0.97))),
                bad("wrong checksum", "the checksum is wrong", snapshot(flipped(1))),
                bad("too short", "Failed trying to load", snapshot(Arrays.copyOf(RDB, RDB.length - 5))),
                bad("too long", "bytes behind the end of the RDB", snapshot(Arrays.copyOf(RDB, RDB.length + 5))),
                bad("a type of another kind", "list", snapshot(withList())),
                bad("a new version", "does not read RDB version 99", snapshot(ascii("REDIS0099"))),
                bad("closed in the middle", "the connection was closed by the master", dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$" + RDB.length + "\r\n").say(Arrays.copyOf(RDB, RDB.length / 2));
                }),
                bad("closed before the mark", "the connection was closed by the master", dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$EOF:" + MARK + "\r\n").say(RDB);
                }),
                bad("mark too early", "Failed trying to load", dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$EOF:" + MARK + "\r\n").say(Arrays.copyOf(RDB, RDB.length / 2)).say(MARK).listen();
                }),
                bad("mark too late", "bytes behind the end of the RDB", dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$EOF:" + MARK + "\r\n").say(RDB).say("more" + MARK).listen();
                }));
    }

    /** A list of one element, as Redis 7 writes it, behind a string. */
    private static byte[] withList() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(("REDIS0010" + "\u00fe\0" + "\0\1a\1b" + "\u0012\1l\1\2\7\u000b\0\0\0\1\0\u0081x\2\u00ff" + "\u00ff")
                .getBytes(StandardCharsets.ISO_8859_1));
        file.writeBytes(new byte[8]);
        return file.toByteArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("beforeTheStream")
    void nothingIsTakenFrom(String name, String reason, Script script) {
        nothingIsTaken(replica, reason, script);
    }

    static Stream<Arguments> badSnapshots() {
        return beforeTheStream().filter(each -> each.get()[0].toString().matches("(broken|wrong check|too|a |mark|closed b).*"))
                .filter(each -> !each.get()[0].equals("a web server"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badSnapshots")
    void theOldDataMakeNoRoomFor(String name, String reason, Script script) {
        int logged = byFile.log().length();
        nothingIsTaken(byFile, reason, script);
        assertThat(byFile.log().substring(logged)).doesNotContain("Flushing old data", "there are no data now");
    }

    private static void nothingIsTaken(Peer replica, String reason, Script script) {
        try (ScriptedPrimary primary = new ScriptedPrimary(script)) {
            int logged = replica.log().length();
            replica.follow(primary.port());
            await().until(() -> replica.log().substring(logged).contains(reason) && primary.connections() >= 2);
            assertThat(replica.data()).isEqualTo(OLD);
            assertThat(replica.linkIsUp()).isFalse();
        } finally {
            replica.lead();
        }
    }

    // ---- once the stream has begun ----

    private static String request(String... words) {
        return new String(RequestEncoder.encode(words), StandardCharsets.ISO_8859_1);
    }

    /** A good snapshot, then a stream; when the replica comes back, its wish is kept and nothing more is said. */
    private void afterTheStream(String stream, String reason, String wish) {
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$" + RDB.length + "\r\n").say(RDB).say(stream).listen();
                })) {
            StringBuffer wishes = new StringBuffer();
            node.follow(primary.port());
            await().until(() -> primary.connections() == 1);
            primary.script(dialogue -> {
                wishes.append(String.join(" ", dialogue.untilPsync())).append('\n');
                dialogue.listen();
            });
            await().until(() -> node.log().contains(reason) && wishes.indexOf("\n") > 0);
            assertThat(node.log().contains("== CRITICAL == This replica is sending an error to its master: 'ERR "))
                    .isEqualTo(wish.equals(next(GOOD)));
            assertThat(wishes.toString().lines().findFirst()).hasValue(wish);
            assertThat(node.data()).hasSize(101).containsEntry("0 good", "yes, -1").containsEntry("0 new7", "new7, -1");
        }
    }

    private static final String GOOD = request("SET", "good", "yes");

    private static String next(String applied) {
        return "PSYNC " + ID + " " + (100 + applied.length() + 1);
    }

    @Test
    void aCommandThatDoesNotExistHereEndsTheStreamInFrontOfIt() {
        afterTheStream(GOOD + request("LPUSH", "list", "x") + request("SET", "never", "x"),
                "unknown command 'LPUSH'", next(GOOD));
    }

    @Test
    void aTransactionWithAnUnknownCommandIsNotBegun() {
        afterTheStream(
                GOOD + request("MULTI") + request("SET", "never", "x") + request("LPUSH", "list", "x") + request("EXEC"),
                "unknown command 'LPUSH'", next(GOOD));
    }

    @Test
    void aRequestWithTooFewArgumentsEndsTheStream() {
        afterTheStream(GOOD + request("SET", "never"), "wrong number of arguments", next(GOOD));
    }

    @Test
    void bytesThatAreNoRequestNeedEverythingAnew() {
        afterTheStream(GOOD + "*1\r\n+nonsense\r\n", "the master's stream cannot be applied", "PSYNC ? -1");
    }

    @Test
    void aStreamOfTextLinesIsNone() {
        afterTheStream(GOOD + "SET never x\r\n", "inline form", "PSYNC ? -1");
    }

    @Test
    void anErrorAmongTheRequestsIsQuoted() {
        afterTheStream(GOOD + "-ERR out of\tmemory\r\n", "inline form: '-ERR out of?memory'", "PSYNC ? -1");
    }

    @Test
    void aTransactionThatIsCutIsNotBegun() {
        String half = GOOD + request("MULTI") + request("SET", "never", "x");
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$" + RDB.length + "\r\n").say(RDB).say(half);
                    while (dialogue.acknowledged() != 100 + GOOD.length()) {
                        // the first ones come earlier
                    }
                })) {
            StringBuffer wish = new StringBuffer();
            node.follow(primary.port());
            await().until(() -> primary.connections() == 1);
            primary.script(dialogue -> {
                wish.append(String.join(" ", dialogue.untilPsync()));
                dialogue.say("+CONTINUE\r\n" + request("MULTI") + request("SET", "a", "1") + request("EXEC")).listen();
            });
            await().until(() -> node.text("EXISTS", "a").equals("1"));
            assertThat(wish.toString()).isEqualTo(next(GOOD));
            assertThat(node.data()).hasSize(102).doesNotContainKey("0 never");
        }
    }

    @Test
    void anErrorOfAWriteIsToldAndTheStreamGoesOn() {
        String stream = request("SET", "text", "x") + request("INCR", "text") + GOOD;
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$" + RDB.length + "\r\n").say(RDB).say(stream).listen();
                })) {
            node.follow(primary.port());
            await().until(() -> node.text("EXISTS", "good").equals("1"));
            assertThat(node.log()).contains("== CRITICAL == This replica is sending an error to its master: "
                    + "'ERR value is not an integer or out of range' after processing the command 'incr'");
            assertThat(node.offset()).isEqualTo(100 + stream.length());
        }
    }

    /** A full sync costs the primary much. */
    @Test
    void whatAskingAgainDoesNotMendIsTriedEverMoreSeldom() {
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(snapshot(flipped(0.5)))) {
            node.follow(primary.port());
            await().until(() -> node.log().contains("Trying again in 1000 ms"));
            assertThat(node.log()).containsSubsequence(
                    "Trying again in 250 ms", "Trying again in 500 ms", "Trying again in 1000 ms");
        }
    }

    @Test
    void aPrimaryThatFallsSilentIsGivenUp() {
        try (Peer node = Peer.start(Kind.GRANARY, "--repl-timeout", "1");
                ScriptedPrimary primary = new ScriptedPrimary(snapshot(RDB))) {
            node.follow(primary.port());
            await().until(() -> node.log().contains("MASTER timeout: no data nor PING received...")
                    && primary.connections() > 1);
        }
    }

    /** Clients that wait while {@code loading} is 1 would wait for data that is there. */
    @Test
    void aLoadBesideTheOldDataIsNotToldAsOneThatClientsWaitFor() {
        byte[] half = Arrays.copyOf(RDB, RDB.length / 2);
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$" + RDB.length + "\r\n").say(half).listen();
                })) {
            node.ask("SET", "old", "data");
            node.follow(primary.port());
            await().until(() -> node.info("persistence").get("async_loading").equals("1"));
            assertThat(node.info("persistence")).containsEntry("loading", "0").containsKey("loading_start_time");
            assertThat(node.data()).isEqualTo(OLD);
        }
    }

    @Test
    void theQuestionHowFarIsAnsweredBehindWhatWasApplied() {
        String asked = GOOD + request("REPLCONF", "GETACK", "*");
        StringBuffer answers = new StringBuffer();
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say("\n\n" + FULL + "\n$EOF:" + MARK + "\r\n").say(RDB).say(MARK);
                    answers.append(dialogue.acknowledged()).append(' ');
                    dialogue.say(asked);
                    answers.append(dialogue.acknowledged()).append(' ');
                    dialogue.listen();
                })) {
            node.follow(primary.port());
            await().until(() -> answers.indexOf(" ", 4) > 0);
            assertThat(answers.toString()).isEqualTo("100 " + (100 + asked.length()) + ' ');
        }
    }

    @Test
    void questionsThatComeTogetherAreAnsweredOnceBehindTheLast() {
        String asked = request("REPLCONF", "GETACK", "*") + GOOD + request("REPLCONF", "GETACK", "*");
        StringBuffer answers = new StringBuffer();
        try (Peer node = Peer.start(Kind.GRANARY);
                ScriptedPrimary primary = new ScriptedPrimary(dialogue -> {
                    dialogue.untilPsync();
                    dialogue.say(FULL + "$EOF:" + MARK + "\r\n").say(RDB).say(MARK);
                    dialogue.acknowledged();
                    dialogue.say(asked);
                    answers.append(dialogue.acknowledged());
                    dialogue.listen();
                })) {
            node.follow(primary.port());
            await().until(() -> !answers.isEmpty());
            assertThat(answers.toString()).isEqualTo(Integer.toString(100 + asked.length()));
        }
    }
}
