package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a client is, as CLIENT LIST shows it and as what is only for local clients asks. */
class ClientProfileTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1:6379, true",
        "127.9.9.9, 127.9.9.9:6379, true",
        "::1, [::1]:6379, true",
        "10.1.2.3, 10.1.2.3:6379, false",
        "2001:db8:0:0:0:0:0:7, [2001:db8::7]:6379, false",
        "fe80::1, [fe80::1]:6379, false"
    })
    void anAddressIsShownAsRedisShowsItAndLoopbackIsLocal(String ip, String shown, boolean local)
            throws UnknownHostException {
        InetAddress host = InetAddress.getByName(ip);
        String text = ClientListener.text(new InetSocketAddress(host, 6379));
        assertThat(text).isEqualTo(shown);
        assertThat(new ClientProfile(text, text, host, -1, 0).isLocal()).isEqualTo(local);
    }

    @Test
    void aUnixSocketIsLocal() {
        ClientProfile profile = new ClientProfile("/tmp/socket:0", "/tmp/socket:0", null, -1, 0);
        assertThat(profile.isLocal()).isFalse();
        profile.unixSocket(true);
        assertThat(profile.isLocal()).isTrue();
    }
}
