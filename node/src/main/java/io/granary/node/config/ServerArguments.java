package io.granary.node.config;

import java.util.List;

/**
 * The arguments of {@code granary-server}: a file, the standard input, and directives. Options become lines that are read
 * after the file: {@code --port 7001 --save 60 1} is {@code port "7001"} and {@code save "60" "1"}.
 *
 * @param file          the configuration file, or null
 * @param standardInput whether more lines come from the standard input, read after the file
 * @param options       the lines of the options, read last
 * @param any           whether there was any argument at all
 */
public record ServerArguments(String file, boolean standardInput, String options, boolean any) {
    /** Reads arguments as redis-server does. Whether a directive exists is seen later. */
    public static ServerArguments of(String... arguments) {
        Reader reader = new Reader(arguments);
        reader.read();
        return new ServerArguments(reader.file, reader.standardInput, reader.options.toString(), arguments.length > 0);
    }

    private static final class Reader {
        private final String[] arguments;
        private final StringBuilder options = new StringBuilder();
        private String file;
        private boolean standardInput;
        /** Whether the option before has a value: what comes next and starts with dashes is then an option, else a value. */
        private boolean complete = true;

        Reader(String[] arguments) {
            this.arguments = arguments;
        }

        void read() {
            boolean named = arguments.length > 0 && !arguments[0].startsWith("-");
            file = named ? Latin1.ofUtf8(arguments[0]) : null;
            for (int i = named ? 1 : 0; i < arguments.length; i++) {
                String argument = Latin1.ofUtf8(arguments[i]);
                if (argument.equals("-") && (i == 0 || i == arguments.length - 1)) {
                    standardInput = true;
                } else if (complete && argument.startsWith("--")) {
                    option(argument, i);
                } else {
                    options.append(ConfigLine.quoted(argument)).append(' ');
                    complete = true;
                }
            }
        }

        private void option(String argument, int at) {
            options.append(options.isEmpty() ? "" : "\n").append(argument, 2, argument.length()).append(' ');
            List<String> words = ConfigLine.words(argument);
            complete = words == null || words.size() != 1;
            if (!complete && argument.equalsIgnoreCase("--save")) {
                boolean last = at == arguments.length - 1;
                boolean optionFollows = !last && arguments[at + 1].startsWith("--");
                // `--save --port 1` and a final `--save` mean no save points: programs build such lines from empty lists.
                if (last || optionFollows) {
                    options.append("\"\"");
                    complete = true;
                }
            }
        }
    }
}
