package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** One run of the CLI in the test's own process: its exit code and what it printed. */
public record Run(int code, String out, String err) {

    public static Run of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = GranaryCli.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Run(line.execute(arguments), out.toString(), err.toString());
    }

    /** A run that must end with this exit code. */
    public static Run expecting(int code, String... arguments) {
        Run run = of(arguments);
        assertThat(run.code()).as("%s%n%s%n%s", String.join(" ", arguments), run.out, run.err).isEqualTo(code);
        return run;
    }

    /** The document of a run with {@code --json}, which must be all that was printed. */
    public JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out);
    }

    static List<String> fields(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    static List<String> texts(JsonNode array, String field) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.get(field).asText()));
        return texts;
    }
}
