package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The second half of docs/cli.md says what the verbs say of themselves. */
class CliReferenceTest {

    private static final Path PAGE = Path.of("../docs/cli.md");
    private static final String MARK = "<!-- From here on written from the verbs by CliReferenceTest. -->\n";

    private final CommandSpec granary = GranaryCli.commandLine().getCommandSpec();

    /** Run with {@code -Dgranary.write-docs=true} to write the half anew. */
    @Test
    void thePageSaysWhatTheVerbsSay() throws IOException {
        String page = Files.readString(PAGE);
        String byHand = page.substring(0, page.indexOf(MARK) + MARK.length());
        if (Boolean.getBoolean("granary.write-docs")) {
            Files.writeString(PAGE, byHand + reference());
        }
        assertThat(Files.readString(PAGE)).isEqualTo(byHand + reference());
    }

    private String reference() {
        Set<String> common = names(commonOptions());
        StringBuilder text = new StringBuilder("\n## Common options\n\nOf every verb that names them.\n\n");
        text.append(options(commonOptions()));
        granary.subcommands().forEach((verb, line) -> {
            if (!verb.equals("help")) {
                text.append(verb(line.getCommandSpec(), common));
            }
        });
        return text.toString();
    }

    private List<OptionSpec> commonOptions() {
        return granary.subcommands().get("check").getCommandSpec().mixins().get("options").options();
    }

    private static Set<String> names(List<OptionSpec> options) {
        return options.stream().map(OptionSpec::longestName).collect(Collectors.toCollection(HashSet::new));
    }

    private static String verb(CommandSpec verb, Set<String> common) {
        boolean takesCommon = verb.mixins().containsKey("options");
        List<OptionSpec> own = verb.options().stream().filter(option -> !option.versionHelp() && !option.usageHelp())
                .filter(option -> !takesCommon || !common.contains(option.longestName())).toList();
        String parameters = verb.positionalParameters().stream()
                .map(CliReferenceTest::synopsis).collect(Collectors.joining(" "));
        return "\n## granary " + verb.name() + "\n\n" + String.join(" ", verb.usageMessage().description()) + "\n\n"
                + "```\ngranary " + verb.name() + (own.isEmpty() && !takesCommon ? "" : " [OPTION...]")
                + (parameters.isEmpty() ? "" : " " + parameters) + "\n```\n\n"
                + rows(Stream.concat(verb.positionalParameters().stream().map(CliReferenceTest::row),
                        own.stream().map(CliReferenceTest::row)).toList())
                + (takesCommon ? "\nAnd the [common options](#common-options).\n" : "");
    }

    private static String synopsis(PositionalParamSpec parameter) {
        String label = parameter.paramLabel();
        String many = parameter.arity().max() > 2 && !label.contains("...") ? label + "..." : label;
        return parameter.arity().min() == 0 && !label.startsWith("[") ? "[" + many + "]" : many;
    }

    private static String options(List<OptionSpec> options) {
        return rows(options.stream().map(CliReferenceTest::row).toList());
    }

    private static String rows(List<String> rows) {
        return rows.isEmpty() ? "" : "| | |\n|---|---|\n" + String.join("", rows);
    }

    private static String row(PositionalParamSpec parameter) {
        return "| `" + parameter.paramLabel() + "` | " + String.join(" ", parameter.description()) + " |\n";
    }

    private static String row(OptionSpec option) {
        String names = Stream.of(option.names()).filter(name -> !name.startsWith("--cluster-"))
                .map(name -> "`" + name + "`").collect(Collectors.joining(", "));
        boolean valued = option.arity().max() > 0;
        return "| " + names + (valued ? " `" + option.paramLabel() + "`" : "") + " | "
                + String.join(" ", option.description()) + " |\n";
    }
}
