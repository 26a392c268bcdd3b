package io.granary.node.config;

import static io.granary.node.config.Directive.flag;
import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.of;
import static io.granary.node.config.Directive.optionalText;
import static io.granary.node.config.Directive.port;
import static io.granary.node.config.Directive.size;

import java.util.List;

/** The directives about addresses, sockets, clients and the protocol. */
final class NetworkDirectives {
    static final List<Directive> TABLE = List.of(
            of("bind", new BindAddresses(), "* -::*", "The local addresses to listen on.").effective(),
            port("port", 6379, "The TCP port of clients; 0 listens on none.").effective(),
            number("tcp-backlog", 0, Integer.MAX_VALUE, 511,
                    "Connections that may wait until they are accepted by the node.").fixed().effective(),
            optionalText("unixsocket", "The path of a Unix socket for clients.").fixed().effective(),
            of("unixsocketperm", WholeNumber.octal(0, 0777), "0", "The permissions of the Unix socket.").fixed().effective(),
            number("timeout", 0, Integer.MAX_VALUE, 0,
                    "Seconds after which an idle client is closed; 0 for never.").effective(),
            number("tcp-keepalive", 0, Integer.MAX_VALUE, 300,
                    "Seconds between keep-alive probes to a silent client; 0 for none.").effective(),
            flag("protected-mode", true,
                    "Refuses clients from other machines while there is neither bind nor password.").effective(),
            optionalText("bind-source-addr", "The local address of connections that the node opens itself."),
            number("maxclients", 1, 0xffffffffL, 10000, "Clients that may be connected at once.").effective(),
            number("max-new-connections-per-cycle", 1, 1000, 10, "Connections accepted in one round of the event loop."),
            number("max-new-tls-connections-per-cycle", 1, 1000, 1,
                    "TLS connections accepted in one round of the event loop."),
            number("socket-mark-id", 0, 0xffffffffL, 0, "A mark on the listening sockets for packet filters.").fixed(),
            of("client-output-buffer-limit", new OutputBufferLimits(),
                    "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
                    "Bytes of replies that may wait for a client before it is closed.").effective(),
            size("client-query-buffer-limit", 1 << 20, Long.MAX_VALUE, 1 << 30,
                    "Bytes of one request that may wait for their end.").effective(),
            size("proto-max-bulk-len", 1 << 20, Long.MAX_VALUE, 512 << 20, "Bytes of one argument or value.").effective(),
            of("maxmemory-clients", WholeNumber.bytesOrPercent(100, Long.MAX_VALUE), "0",
                    "Memory of all clients together beyond which the largest is closed; 0 for no limit."),
            number("tracking-table-max-keys", 0, Long.MAX_VALUE, 1_000_000, "Keys remembered for client-side caching."));

    private NetworkDirectives() { }
}
