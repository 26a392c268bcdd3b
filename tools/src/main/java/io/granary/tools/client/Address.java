package io.granary.tools.client;

/** Where a node listens for clients. */
public record Address(String host, int port) {

    public static final String LOOPBACK = "127.0.0.1";

    public Address {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is not in 1..65535");
        }
    }

    public static Address local(int port) {
        return new Address(LOOPBACK, port);
    }

    /** Reads {@code host:port}, {@code [v6]:port}, {@code :port} or {@code port}; without a host it is this machine. */
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon <= 0 ? LOOPBACK : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new Address(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("not an address: " + text);
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
