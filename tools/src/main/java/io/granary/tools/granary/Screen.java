package io.granary.tools.granary;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import picocli.CommandLine;

/**
 * What a verb tells: lines and tables for people, or one JSON document for programs and nothing beside it. What went
 * wrong goes to the error stream in both cases.
 */
final class Screen {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final CommandLine line;
    private final boolean json;

    Screen(CommandLine line, boolean json) {
        this.line = line;
        this.json = json;
    }

    /** Whether a program is listening, for whom {@link #print(Object)} is called once. */
    boolean json() {
        return json;
    }

    /** Whether what was printed so far has arrived: false once the other end of a pipe is closed. */
    boolean isRead() {
        return !line.getOut().checkError();
    }

    /** A line for people. */
    void say(String text) {
        if (!json) {
            line.getOut().println(text);
            line.getOut().flush();
        }
    }

    /** Text for people that more of the line may follow, or write over. */
    void sayPart(String text) {
        if (!json) {
            line.getOut().print(text);
            line.getOut().flush();
        }
    }

    /** A table for people. */
    void print(Table table) {
        if (!json) {
            table.print(line.getOut());
            line.getOut().flush();
        }
    }

    /** The document for programs, of maps, lists, texts and numbers. */
    void print(Object facts) {
        if (json) {
            try {
                line.getOut().println(JSON.writeValueAsString(facts));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
            line.getOut().flush();
        }
    }

    /** A line on the error stream, also beside JSON. */
    void warn(String text) {
        PrintWriter err = line.getErr();
        err.println(text);
        err.flush();
    }

    String good(String text) {
        return styled("bold,green", text);
    }

    String bad(String text) {
        return styled("bold,red", text);
    }

    String doubtful(String text) {
        return styled("yellow", text);
    }

    String strong(String text) {
        return styled("bold", text);
    }

    private String styled(String style, String text) {
        return line.getColorScheme().ansi().string("@|" + style + " " + text + "|@");
    }
}
