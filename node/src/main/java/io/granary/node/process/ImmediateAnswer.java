package io.granary.node.process;

import io.granary.node.Version;
import java.io.PrintStream;
import java.util.OptionalInt;

/** The arguments that ask a question instead of starting a node. */
final class ImmediateAnswer {
    private static final String USAGE = """
            Usage: granary-server [/path/to/redis.conf] [options] [-]
                   granary-server - (read config from stdin)
                   granary-server -v or --version
                   granary-server -h or --help
                   granary-server --check-system

            Examples:
                   granary-server (run the server with default conf)
                   echo 'maxmemory 128mb' | granary-server -
                   granary-server /etc/redis/6379.conf
                   granary-server --port 7777
                   granary-server --port 7777 --cluster-enabled yes
                   granary-server /etc/myredis.conf --loglevel verbose -
                   granary-server /etc/myredis.conf --loglevel verbose
            """;

    private final PrintStream out;
    private final PrintStream err;

    ImmediateAnswer(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Answers, and returns the exit status; or returns nothing if a node is to start. */
    OptionalInt to(String[] arguments) {
        for (String argument : arguments) {
            if (argument.equals("--sentinel")) {
                err.print("granary-server cannot be a Sentinel.\n");
                return OptionalInt.of(1);
            }
        }
        return switch (arguments.length == 0 ? "" : arguments[0]) {
            case "-v", "--version" -> {
                out.print("Granary server v=" + Version.GRANARY + " redis=" + Version.REDIS + " bits=64 java="
                        + Runtime.version().feature() + "\n");
                yield OptionalInt.of(0);
            }
            case "-h", "--help" -> {
                err.print(USAGE);
                yield OptionalInt.of(1);
            }
            case "--test-memory" -> {
                err.print("granary-server does not test memory; programs such as memtester do.\n");
                yield OptionalInt.of(1);
            }
            case "--check-system" -> OptionalInt.of(SystemCheck.run(out) ? 0 : 1);
            default -> OptionalInt.empty();
        };
    }
}
