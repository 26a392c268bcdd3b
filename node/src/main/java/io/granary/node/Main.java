package io.granary.node;

import io.granary.node.process.ServerProcess;

/** The command {@code granary-server}. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        int status = new ServerProcess(
                (configuration, log, shutdown) -> new Node(configuration, log, Clock.SYSTEM, shutdown), System.out, System.err)
                .run(arguments);
        System.exit(status);
    }
}
