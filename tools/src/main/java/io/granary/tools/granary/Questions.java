package io.granary.tools.granary;

import io.granary.slots.Slot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** What reshard asks for where it was not given, as redis-cli does; where nobody answers the options must say it. */
final class Questions {

    private static final String NODES = "all";
    private static final String ENOUGH = "done";
    private static final int TRIES = 100;

    private final Screen screen;

    Questions(Screen screen) {
        this.screen = screen;
    }

    int slotCount(CommandSpec spec) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            String answer = ask("How many slots do you want to move (from 1 to " + Slot.COUNT + ")?");
            Usage.require(spec, answer != null, "--slots or --ranges must be given");
            if (answer.matches("\\d{1,5}") && Integer.parseInt(answer) >= 1 && Integer.parseInt(answer) <= Slot.COUNT) {
                return Integer.parseInt(answer);
            }
        }
        throw new IOException("no sensible answer in " + TRIES + " tries");
    }

    String target(CommandSpec spec) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            String answer = ask("What is the receiving node ID?");
            Usage.require(spec, answer != null, "--to must be given");
            if (!answer.isEmpty()) {
                return answer;
            }
        }
        throw new IOException("no sensible answer in " + TRIES + " tries");
    }

    List<String> sources(CommandSpec spec) throws IOException {
        screen.warn("Please enter all the source node IDs.");
        screen.warn("  Type 'all' to use all the nodes as source nodes for the hash slots.");
        screen.warn("  Type 'done' once you entered all the source nodes IDs.");
        List<String> sources = new ArrayList<>();
        for (int i = 0; i < Slot.COUNT; i++) {
            String answer = ask("Source node #" + (sources.size() + 1) + ":");
            Usage.require(spec, answer != null, "--from must be given");
            if (answer.equals(NODES)) {
                return List.of(NODES);
            }
            if (answer.equals(ENOUGH)) {
                return sources;
            }
            if (!answer.isEmpty()) {
                sources.add(answer);
            }
        }
        return sources;
    }

    private String ask(String question) throws IOException {
        screen.warn(question);
        return line();
    }

    /** Reads no byte behind the line, which may be the answer to another question; null at the end of the input. */
    private static String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = System.in.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            line.write(next);
            next = System.in.read();
        }
        return line.toString(Charset.defaultCharset()).strip();
    }
}
