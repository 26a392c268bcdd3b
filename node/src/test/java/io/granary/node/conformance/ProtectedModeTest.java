package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Who comes over the network is not served by a server that has no password and was not told to serve him. */
@ParameterizedClass(name = "{0}")
@EnumSource
class ProtectedModeTest {

    @Parameter
    private LiveServer.Kind kind;

    /** An address of this machine that is not the loopback's. */
    private static Optional<InetAddress> outside() throws SocketException {
        return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress()).findFirst();
    }

    @Test
    void strangersAreToldWhatToDo() throws SocketException {
        Optional<InetAddress> address = outside();
        assumeTrue(address.isPresent(), "this machine has no network");
        try (LiveServer server = kind.start("--bind", "*"); Wire operator = Wire.to(server)) {
            try (Wire stranger = Wire.to(address.get(), server.port())) {
                assertThat(stranger.rest()).startsWith("-DENIED Redis is running in protected mode because protected mode is"
                        + " enabled and no password is set for the default user.").endsWith("from the outside.\r\n");
            }
            operator.ask("CONFIG", "SET", "protected-mode", "no");
            try (Wire guest = Wire.to(address.get(), server.port())) {
                assertThat(guest.ask("PING")).isEqualTo("PONG");
            }
            operator.ask("CONFIG", "SET", "protected-mode", "yes", "requirepass", "secret");
            try (Wire guest = Wire.to(address.get(), server.port())) {
                assertThat(guest.ask("PING")).isEqualTo("(error) NOAUTH Authentication required.");
                assertThat(guest.ask("AUTH", "secret")).isEqualTo("OK");
                assertThat(guest.ask("PING")).isEqualTo("PONG");
            }
        }
    }
}
