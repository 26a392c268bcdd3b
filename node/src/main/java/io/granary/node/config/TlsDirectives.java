package io.granary.node.config;

import static io.granary.node.config.Directive.choice;
import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.optionalText;
import static io.granary.node.config.Directive.port;

import java.util.List;

/** The directives about TLS. */
final class TlsDirectives {
    static final List<Directive> TABLE = List.of(
            port("tls-port", 0, "The port of TLS clients; 0 for none."),
            optionalText("tls-cert-file", "The certificate of the node.").reloaded(),
            optionalText("tls-key-file", "The private key of the node.").reloaded(),
            optionalText("tls-key-file-pass", "The password of the private key.").secret(),
            optionalText("tls-client-cert-file", "The certificate of connections that the node opens.").reloaded(),
            optionalText("tls-client-key-file", "The private key of connections that the node opens.").reloaded(),
            optionalText("tls-client-key-file-pass", "The password of that private key.").secret(),
            optionalText("tls-dh-params-file", "Diffie-Hellman parameters, for old clients.").reloaded(),
            optionalText("tls-ca-cert-file", "The authorities that are trusted.").reloaded(),
            optionalText("tls-ca-cert-dir", "The folder of authorities that are trusted.").reloaded(),
            choice("tls-auth-clients", "yes", "Whether clients must show a certificate.", "no", "yes", "optional"),
            flag("tls-replication", false, "Uses TLS between replicas and primaries."),
            flag("tls-cluster", false, "Uses TLS on the bus."),
            optionalText("tls-protocols", "The versions of TLS that are spoken."),
            optionalText("tls-ciphers", "The ciphers of TLS 1.2."),
            optionalText("tls-ciphersuites", "The cipher suites of TLS 1.3."),
            flag("tls-prefer-server-ciphers", false, "Lets the node choose the cipher."),
            flag("tls-session-caching", true, "Lets clients resume sessions."),
            number("tls-session-cache-size", 0, Integer.MAX_VALUE, 20480, "Sessions that are remembered; 0 for no limit."),
            number("tls-session-cache-timeout", 0, Integer.MAX_VALUE, 300, "Seconds that a session is remembered."));

    private TlsDirectives() { }
}
