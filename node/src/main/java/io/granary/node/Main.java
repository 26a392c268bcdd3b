package io.granary.node;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.node.process.ServerProcess;
import io.granary.node.process.Shutdown;
import io.granary.node.process.StartFailure;
import java.security.Security;

/** The command {@code granary-server}. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        // Nodes move, and one that starts later has no name yet: the JVM would go on saying so for ten seconds.
        Security.setProperty("networkaddress.cache.ttl", "1");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        System.exit(new ServerProcess(Main::node, System.out, System.err).run(arguments));
    }

    private static Node node(Configuration configuration, NodeLog log, Shutdown shutdown) throws StartFailure {
        try {
            return new Node(configuration, log, Clock.SYSTEM, shutdown);
        } catch (IllegalArgumentException e) {
            throw new StartFailure(e.getMessage());
        }
    }
}
