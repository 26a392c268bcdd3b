package io.granary.node.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
    @TempDir
    private Path folder;

    private static String received(Socket socket) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(512);
        var sender = socket.recvFromDomainSocket(buffer, 0, 512);
        byte[] bytes = new byte[sender == null ? 0 : sender.receivedAmount()];
        buffer.get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void systemdIsToldWhenTheNodeIsReadyAndWhenItStops() throws IOException {
        assumeTrue(Epoll.isAvailable(), "needs Linux");
        Path path = folder.resolve("notify");
        Socket socket = Socket.newSocketDomainDgram();
        try {
            socket.bind(new DomainSocketAddress(path.toString()));
            ServiceManager manager =
                    ServiceManager.of(Configuration.of("--supervised", "systemd"), path.toString(), NodeLog.silent());
            manager.ready();
            assertThat(received(socket)).isEqualTo("STATUS=Ready to accept connections\nREADY=1\n");
            manager.stopping();
            assertThat(received(socket)).isEqualTo("STATUS=Shutting down\nSTOPPING=1\n");
        } finally {
            socket.close();
        }
    }

    @Test
    void nobodyIsToldWithoutSupervision() throws IOException {
        assumeTrue(Epoll.isAvailable(), "needs Linux");
        ServiceManager.of(Configuration.of("--supervised", "no"), "/nowhere", NodeLog.silent()).ready();
        ServiceManager.of(Configuration.of("--supervised", "auto"), null, NodeLog.silent()).ready();
    }
}
