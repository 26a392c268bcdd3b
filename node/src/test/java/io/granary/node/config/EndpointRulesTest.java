package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointRulesTest {
    private final Configuration configuration = Configuration.initial();

    private String set(String value) throws BadValueException {
        configuration.set(List.of("cluster-endpoint-rule", value), false);
        return configuration.text("cluster-endpoint-rule").value();
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3/32, true", "10.1.2.3, 10.1.2.4/32, false", "10.1.2.3, 10.1.2.2/31, true",
        "10.1.2.3, 10.1.0.0/17, true", "10.1.128.3, 10.1.0.0/17, false", "10.1.2.3, 0.0.0.0/0, true",
        "::1, 0.0.0.0/0, false", "::1, ::/0, true", "10.1.2.3, ::/0, false",
        "fd00:1::9, fd00::/16, true", "fd01::9, fd00::/16, false", "fd00:1::9, fd00:1::9/128, true",
    })
    void aNetworkHasTheAddressesThatShareItsPrefix(String client, String network, boolean has) throws Exception {
        EndpointRules.Rule rule = EndpointRules.of(set(network + " ip")).getFirst();
        assertThat(rule.has(InetAddress.getByName(client))).isEqualTo(has);
    }

    @Test
    void anIpv4ClientOnAnIpv6SocketIsAnIpv4Client() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        mapped[12] = 10;
        InetAddress client = Inet6Address.getByAddress(null, mapped, 0);
        assertThat(EndpointRules.of(set("10.0.0.0/8 ip")).getFirst().has(client)).isTrue();
        assertThat(EndpointRules.of(set("::/0 ip")).getFirst().has(client)).isFalse();
    }

    @Test
    void valuesAreShownInOneForm() throws Exception {
        assertThat(set("10.1.2.3/8 IP ::1 Hostname FD00:0::/8 unknown-endpoint"))
                .isEqualTo("10.0.0.0/8 ip ::1/128 hostname fd00::/8 unknown-endpoint");
        assertThat(set("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            10.0.0.0/8           | a network and an endpoint type are expected, like 10.0.0.0/8 ip
            example.org ip       | 'example.org' is not a network, like 10.0.0.0/8 or fd00::/8
            10.0.0.0/33 ip       | the prefix of '10.0.0.0/33' is not between 0 and 32
            fd00::/-1 ip         | the prefix of 'fd00::/-1' is not between 0 and 128
            10.0.0.0/8x ip       | the prefix of '10.0.0.0/8x' is not between 0 and 32
            10.0.0.0/8 name      | argument(s) must be one of the following: ip, hostname, unknown-endpoint
            """)
    void whatIsNoRuleIsRefusedAndChangesNothing(String value, String reason) throws Exception {
        set("10.0.0.0/8 ip");
        assertThatThrownBy(() -> set(value)).hasMessageEndingWith(reason);
        assertThat(configuration.text("cluster-endpoint-rule").value()).isEqualTo("10.0.0.0/8 ip");
    }

    @Test
    void linesAddUpAndAreWrittenBackOneByOne(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("n.conf"), """
                cluster-endpoint-rule 10.0.0.1 hostname
                port 7001
                cluster-endpoint-rule 10.0.0.0/8 ip
                """);
        Configuration read = Configuration.of(ServerArguments.of(file.toString()), InputStream.nullInputStream());
        assertThat(read.text("cluster-endpoint-rule").value()).isEqualTo("10.0.0.1/32 hostname 10.0.0.0/8 ip");
        read.set(List.of("cluster-endpoint-rule", "fd00::/8 ip 10.0.0.1 ip ::/0 hostname"), false);
        read.rewrite();
        assertThat(Files.readAllLines(file)).filteredOn(line -> line.matches("port.*|cluster-endpoint.*")).containsExactly(
                "cluster-endpoint-rule fd00::/8 ip", "port 7001", "cluster-endpoint-rule 10.0.0.1/32 ip",
                "cluster-endpoint-rule ::/0 hostname");
    }

    @Test
    void theCommandLineTakesSeveralToo() {
        Configuration given = Configuration.of(
                "--cluster-endpoint-rule", "10.0.0.1", "hostname", "--cluster-endpoint-rule", "10.0.0.0/8 ip");
        assertThat(given.text("cluster-endpoint-rule").value()).isEqualTo("10.0.0.1/32 hostname 10.0.0.0/8 ip");
    }
}
