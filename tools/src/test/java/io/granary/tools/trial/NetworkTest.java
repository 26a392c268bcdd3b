package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkTest {

    private static final List<Integer> DIALLER = List.of(0);
    private static final List<Integer> TARGET = List.of(1);
    private static final int SHORT_MS = 50;
    private static final int LONG_MS = 10_000;
    private static final String NAME = "0123456789012345678901234567890123456789";
    private static final String FRAME = "RCmb" + "\0".repeat(36) + NAME;

    private final Network network = new Network();
    private ServerSocket node;
    private Socket dialled;
    private Socket accepted;

    @BeforeEach
    void connect() throws IOException {
        node = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        network.introduce(0, NAME);
        network.introduce(0, "7000");
        dialled = new Socket(InetAddress.getLoopbackAddress(), network.open(1, node.getLocalPort()));
        accepted = node.accept();
        dialled.setSoTimeout(LONG_MS);
        accepted.setSoTimeout(LONG_MS);
    }

    @AfterEach
    void disconnect() throws IOException {
        dialled.close();
        accepted.close();
        node.close();
        network.close();
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void reads(Socket socket, String text) throws IOException {
        InputStream in = socket.getInputStream();
        assertThat(new String(in.readNBytes(text.length()), StandardCharsets.ISO_8859_1)).isEqualTo(text);
    }

    private static void hearsNothing(Socket socket) throws IOException {
        socket.setSoTimeout(SHORT_MS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(LONG_MS);
    }

    @Test
    void bytesPassBothWays() throws IOException {
        write(dialled, FRAME);
        reads(accepted, FRAME);
        write(accepted, "pong");
        reads(dialled, "pong");
    }

    @Test
    void aNodeIsKnownByItsNameOnTheBusAndACutIsOneWay() throws IOException {
        network.cut(DIALLER, TARGET);
        write(dialled, FRAME);
        hearsNothing(accepted);
        write(accepted, "still heard");
        reads(dialled, "still heard");
    }

    @Test
    void aReplicaIsKnownByThePortItListensOn() throws IOException {
        network.cut(TARGET, DIALLER);
        write(dialled, "*3\r\n$8\r\nREPLCONF\r\n$14\r\nlistening-port\r\n$4\r\n7000\r\n");
        reads(accepted, "*3");
        write(accepted, "+OK\r\n");
        hearsNothing(dialled);
    }

    @Test
    void clientsPassWhateverIsCut() throws IOException {
        network.cut(DIALLER, TARGET);
        network.cut(TARGET, DIALLER);
        write(dialled, "PING\r\n");
        reads(accepted, "PING\r\n");
        write(accepted, "+PONG\r\n");
        reads(dialled, "+PONG\r\n");
    }

    @Test
    void aConnectionThatLostBytesIsBrokenOffWhenTheNetworkHeals() throws IOException {
        network.cut(DIALLER, TARGET);
        write(dialled, FRAME);
        hearsNothing(accepted);
        network.heal();
        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
        assertThat(dialled.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void whatWasHeldArrivesLate() throws IOException {
        network.hold(DIALLER, TARGET);
        write(dialled, FRAME);
        hearsNothing(accepted);
        network.heal();
        reads(accepted, FRAME);
        write(dialled, "and more");
        reads(accepted, "and more");
    }
}
