package io.granary.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.node.replication.Handshake.Introduction;
import io.granary.node.replication.Handshake.Step;
import io.granary.node.replication.Handshake.Wish;
import io.granary.resp.RequestEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {

    private static final String ID = "0123456789abcdef0123456789abcdef01234567";
    private static final String OTHER_ID = "fedcba9876543210fedcba9876543210fedcba98";
    private static final Introduction PLAIN = new Introduction("", "", 7001, "");

    private static Handshake asked(Introduction introduction, Wish wish) {
        Handshake handshake = new Handshake(introduction, wish);
        assertThat(text(handshake.opening())).isEqualTo(request("PING"));
        return handshake;
    }

    private static Handshake atPsync(Wish wish) {
        Handshake handshake = asked(PLAIN, wish);
        handshake.answered("+PONG");
        handshake.answered("+OK");
        assertThat(handshake.answered("+OK")).isInstanceOf(Step.Send.class);
        return handshake;
    }

    private static String request(String... words) {
        return text(RequestEncoder.encode(words));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String sent(Step step) {
        return text(((Step.Send) step).requests());
    }

    @Test
    void aReplicaWithoutHistoryAsksForEverything() {
        Handshake handshake = asked(PLAIN, new Wish(null, 1, false));
        assertThat(sent(handshake.answered("+PONG")))
                .isEqualTo(request("REPLCONF", "listening-port", "7001")
                        + request("REPLCONF", "capa", "eof", "capa", "psync2", "capa", "setslot"));
        assertThat(handshake.answered("+OK")).isInstanceOf(Step.Wait.class);
        assertThat(sent(handshake.answered("+OK"))).isEqualTo(request("PSYNC", "?", "-1"));
        assertThat(handshake.answered("")).isInstanceOf(Step.Wait.class);
        assertThat(handshake.answered("+FULLRESYNC " + ID + " 42")).isEqualTo(new Step.FullSync(ID, 42));
        assertThat(handshake.oddities()).isEmpty();
    }

    @Test
    void aReplicaNamesItselfAndItsPasswordAndWhereItWantsToGoOn() {
        Handshake handshake = asked(new Introduction("eve", "secret", 7, "10.0.0.7"), new Wish(ID, 43, true));
        assertThat(sent(handshake.answered("-NOAUTH Authentication required."))).isEqualTo(request("AUTH", "eve", "secret")
                + request("REPLCONF", "listening-port", "7") + request("REPLCONF", "ip-address", "10.0.0.7")
                + request("REPLCONF", "capa", "eof", "capa", "psync2", "capa", "setslot"));
        handshake.answered("+OK");
        handshake.answered("-ERR unknown command");
        handshake.answered("+OK");
        assertThat(sent(handshake.answered("+OK"))).isEqualTo(request("PSYNC", ID, "43", "FAILOVER"));
        assertThat(handshake.oddities()).contains("listening-port").contains("unknown command");
        assertThat(handshake.answered("+CONTINUE " + OTHER_ID)).isEqualTo(new Step.Continue(OTHER_ID));
    }

    @Test
    void theSameNameIsNoNewName() {
        assertThat(atPsync(new Wish(ID, 1, false)).answered("+CONTINUE " + ID)).isEqualTo(new Step.Continue(null));
        assertThat(atPsync(new Wish(ID, 1, false)).answered("+CONTINUE")).isEqualTo(new Step.Continue(null));
    }

    @Test
    void aWrongPasswordIsRefused() {
        Handshake handshake = asked(new Introduction("", "wrong", 7, ""), new Wish(null, 1, false));
        handshake.answered("-NOAUTH Authentication required.");
        assertThat(handshake.answered("-WRONGPASS invalid username-password pair")).isInstanceOf(Step.Refuse.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 400 Bad Request", "$5", "SSH-2.0-OpenSSH", "-ERR max number of clients reached"})
    void whatIsNoAnswerToPingIsRefused(String line) {
        assertThat(asked(PLAIN, new Wish(null, 1, false)).answered(line))
                .isEqualTo(new Step.Refuse("Error reply to PING from master: '" + line + "'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-NOMASTERLINK Can't SYNC while not connected with my master", "-LOADING Redis is loading"})
    void aPrimaryThatIsNotReadyIsAskedAgain(String line) {
        assertThat(atPsync(new Wish(ID, 1, false)).answered(line)).isInstanceOf(Step.Later.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "+FULLRESYNC", "+FULLRESYNC " + ID, "+FULLRESYNC short 1", "+FULLRESYNC " + ID + " -1", "+FULLRESYNC " + ID + " x",
        "+FULLRESYNC " + ID + " 99999999999999999999", "+FULLRESYNC " + ID + " 1 2", "+CONTINUE short",
        "+CONTINUE " + ID + " 1", "-ERR unknown command 'PSYNC'", "+OK", ":1"})
    void whatIsNoAnswerToPsyncIsRefused(String line) {
        assertThat(atPsync(new Wish(ID, 1, false)).answered(line)).isInstanceOf(Step.Refuse.class);
    }

    @Test
    void aPrimaryCannotGoOnWhereNobodyWas() {
        assertThat(atPsync(new Wish(null, 1, false)).answered("+CONTINUE " + ID)).isInstanceOf(Step.Refuse.class);
    }
}
