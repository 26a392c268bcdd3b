package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.resp.RequestEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that arrive in odd ways, and bytes that are no requests. */
@ParameterizedClass(name = "{0}")
@EnumSource
class WireProtocolTest extends OnEitherServer {

    private static byte[] pipeline(int requests) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < requests; i++) {
            bytes.writeBytes(RequestEncoder.encode("ECHO", "message " + i));
        }
        return bytes.toByteArray();
    }

    private static void assertEchoes(Wire client, int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(client.reply()).isEqualTo("\"message " + i + "\"");
        }
    }

    @Test
    void aHundredRequestsInOneWriteGetAHundredReplies() {
        try (Wire client = Wire.to(server)) {
            client.send(pipeline(100));
            assertEchoes(client, 100);
        }
    }

    @Test
    void requestsMayComeByteByByte() {
        try (Wire client = Wire.to(server)) {
            for (byte b : pipeline(5)) {
                client.send(new byte[] {b});
            }
            assertEchoes(client, 5);
            for (char c : "ECHO \"a b\"\r\n".toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.reply()).isEqualTo("\"a b\"");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 16 * 1024, 32 * 1024, 64 * 1024, 64 * 1024 + 1, 128 * 1024})
    void aRequestMayHaveAnyLength(int bytes) {
        int header = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\r\n\r\n".length();
        int length = bytes - header - 1;
        while (header + length + Integer.toString(length).length() > bytes) {
            length--;
        }
        byte[] request = RequestEncoder.encode("SET", "k", "v".repeat(length));
        assertThat(request).hasSize(bytes);
        try (Wire client = Wire.to(server)) {
            assertThat(client.send(request).reply()).isEqualTo("OK");
            assertThat(client.ask("STRLEN", "k")).isEqualTo("(integer) " + length);
            client.send(Arrays.copyOf(request, bytes - 1)).send(new byte[] {'\n'}).send(request).send(request);
            assertThat(client.reply()).isEqualTo("OK");
            assertThat(client.reply()).isEqualTo("OK");
            assertThat(client.reply()).isEqualTo("OK");
            assertThat(client.ask("PING")).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 16 * 1024, 32 * 1024, 65_000})
    void anInlineRequestMayHaveAnyLengthUpTo64Kilobytes(int bytes) {
        String message = "m".repeat(bytes - "ECHO \r\n".length());
        try (Wire client = Wire.to(server)) {
            assertThat(client.send("ECHO " + message + "\r\n").reply()).isEqualTo("\"" + message + "\"");
            assertThat(client.send("ECHO " + message + "x\n").reply()).isEqualTo("\"" + message + "x\"");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "ECHO \"Rust 2.0 released!\"        | \"Rust 2.0 released!\"",
        "echo 'single quotes'               | \"single quotes\"",
        "   ECHO    spaced                  | \"spaced\"",
        "ECHO \"a\\x41\\n\\\"b\\\"\"        | \"aA\\n\\\"b\\\"\"",
        "ECHO 'it\\'s'                      | \"it's\"",
        "ECHO \"\"                          | \"\"",
        "ECHO a b                           | (error) ERR wrong number of arguments for 'echo' command",
        "SET hello world                    | OK",
        "$4                                 | (error) ERR unknown command '$4', with args beginning with: ",
        "GET / HTTP/1.1                     | (error) ERR wrong number of arguments for 'get' command"})
    void inlineRequestsAreSplitAsAShellWould(String line, String reply) {
        try (Wire client = Wire.to(server)) {
            client.send(line.strip() + "\r\n");
            assertThat(client.reply().strip()).isEqualTo(reply.strip());
            assertThat(client.ask("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void whatAsksForNothingIsPassedOver() {
        try (Wire client = Wire.to(server)) {
            client.send("\r\n\n\r\n*0\r\n*-1\r\n   \r\nPING\r\n\r\n*1\r\n$4\r\nPING\r\n");
            assertThat(client.reply()).isEqualTo("PONG");
            assertThat(client.reply()).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "*x\\r\\n                         | invalid multibulk length",
        "*2147483648\\r\\n                | invalid multibulk length",
        "*1\\r\\n+PING\\r\\n              | expected '$', got '+'",
        "*1\\r\\n$x\\r\\n                 | invalid bulk length",
        "*1\\r\\n$-1\\r\\n                | invalid bulk length",
        "*1\\r\\n$536870913\\r\\n         | invalid bulk length",
        "*2\\r\\n$4\\r\\nECHO\\r\\n:1\\r\\n | expected '$', got ':'",
        "ECHO \"open\\r\\n                | unbalanced quotes in request",
        "ECHO \"a\"b\\r\\n                | unbalanced quotes in request"})
    void whatIsNoRequestEndsTheConnectionAfterEarlierReplies(String bytes, String reason) {
        try (Wire client = Wire.to(server)) {
            client.send("PING\r\n" + bytes.strip().replace("\\r\\n", "\r\n") + "PING\r\n");
            assertThat(client.rest()).isEqualTo("+PONG\r\n-ERR Protocol error: " + reason + "\r\n");
        }
    }

    @Test
    void linesThatNeverEndAreRefused() {
        try (Wire client = Wire.to(server); Wire count = Wire.to(server); Wire bulk = Wire.to(server)) {
            assertThat(client.send("x".repeat(70_000)).frame().text())
                    .isEqualTo("ERR Protocol error: too big inline request");
            assertThat(count.send("*" + "1".repeat(70_000)).frame().text())
                    .isEqualTo("ERR Protocol error: too big mbulk count string");
            assertThat(bulk.send("*1\r\n$" + "1".repeat(70_000)).frame().text())
                    .isEqualTo("ERR Protocol error: too big bulk count string");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET a 1\r\n", "Host: localhost\r\nSET a 1\r\n", "post\r\n",
        "*1\r\n$4\r\nPOST\r\nPING\r\n", "*2\r\n$5\r\nhost:\r\n$1\r\nx\r\nPING\r\n"})
    void browsersAreCutOffWithoutAWord(String bytes) {
        try (Wire client = Wire.to(server)) {
            client.send(bytes);
            assertThat(client.rest()).isEmpty();
        }
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("EXISTS", "a")).isEqualTo("(integer) 0");
        }
        if (server instanceof TestNode node) {
            assertThat(node.log()).contains(
                    "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host:");
        }
    }

    @Test
    void aRequestOfWhichHalfCameIsForgottenWithItsClient() {
        try (Wire client = Wire.to(server)) {
            client.send("*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$5\r\nval");
        }
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("EXISTS", "half")).isEqualTo("(integer) 0");
        }
    }

    @Test
    void whoSendsNoMoreStillGetsTheReplies() {
        try (Wire client = Wire.to(server)) {
            client.send("PING\r\nPING\r\nECHO hello\r\n").sendNoMore();
            assertThat(client.rest()).isEqualTo("+PONG\r\n+PONG\r\n$5\r\nhello\r\n");
        }
    }

    @Test
    void afterQuitNothingRuns() {
        try (Wire client = Wire.to(server)) {
            client.send("PING\r\nQUIT\r\nSET quit 1\r\n");
            assertThat(client.rest()).isEqualTo("+PONG\r\n+OK\r\n");
        }
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("EXISTS", "quit")).isEqualTo("(integer) 0");
            client.send("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n*x\r\n");
            assertThat(client.rest()).as("nothing is said of what stands behind").isEqualTo("+PONG\r\n+OK\r\n");
        }
        try (Wire client = Wire.to(server)) {
            client.send(RequestEncoder.encode("QUIT", "now"));
            assertThat(client.rest()).isEqualTo("+OK\r\n");
        }
    }

    @Test
    void bytesOfAllKindsComeBackAsTheyWere() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        String text = new String(all, StandardCharsets.ISO_8859_1);
        try (Wire client = Wire.to(server)) {
            assertThat(client.ask("SET", text, text + text)).isEqualTo("OK");
            client.request("GET", text);
            assertThat(client.frame().text()).isEqualTo(text + text);
        }
    }
}
