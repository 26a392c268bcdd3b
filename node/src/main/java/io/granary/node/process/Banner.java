package io.granary.node.process;

import io.granary.node.Version;
import io.granary.node.config.Configuration;

/** The first sight of a node: a comb of holes, each with its acorn, and what one asks first. */
final class Banner {
    private static final String ART = """

                __    __    __
             __/  \\__/  \\__/  \\__
            /  \\__/()\\__/  \\__/  \\       Granary %s (Redis %s) 64 bit
            \\__/()\\__/  \\__/()\\__/
            /()\\__/  \\__/()\\__/()\\       Running in %s mode
            \\__/  \\__/()\\__/  \\__/       Port: %d
            /  \\__/()\\__/  \\__/  \\       PID: %d
            \\__/()\\__/  \\__/()\\__/
               \\__/()\\__/  \\__/
                  \\__/  \\__/

            """;

    private Banner() { }

    static String of(Configuration configuration) {
        long port = configuration.number("port").value();
        return ART.formatted(Version.GRANARY, Version.REDIS, mode(configuration),
                port == 0 ? configuration.number("tls-port").value() : port, ProcessHandle.current().pid());
    }

    /** The line where there is no banner. */
    static String line(Configuration configuration) {
        return "Running mode=" + mode(configuration) + ", port=" + configuration.number("port").value() + ".";
    }

    private static String mode(Configuration configuration) {
        return configuration.flag("cluster-enabled").value() ? "cluster" : "standalone";
    }
}
