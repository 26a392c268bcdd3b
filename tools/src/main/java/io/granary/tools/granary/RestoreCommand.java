package io.granary.tools.granary;

import io.granary.tools.backup.Backup;
import io.granary.tools.backup.Restoration;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import io.granary.tools.move.MoveStyle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary restore}: the keys of a backup are in the cluster afterwards, whatever its shape. */
@Command(name = "restore", description = "Writes a backup into a cluster: of any shape, Granary, Redis or Valkey.",
        mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {

    @Parameters(arity = "1..2", paramLabel = "[HOST:PORT] FOLDER",
            description = {ClusterOptions.ANY_NODE, "then the folder of the backup"})
    private List<String> words = List.of();

    @Option(names = "--replace", description = "also into a cluster that has keys: those of the backup win, others stay")
    private boolean replace;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Words given = Words.of(words);
        Path folder = Path.of(given.only(options.spec(), "the folder of the backup"));
        List<Path> files = new Backup(folder).files();
        Survey survey = new PlanVerb(options, MoveStyle.USUAL).soundCluster(options.seeds(given.cluster()), true);
        long present = survey.primaries().stream().mapToLong(NodeReport::keys).sum();
        if (present > 0 && !replace) {
            throw new IOException("the cluster has " + Table.grouped(present)
                    + " keys; --replace writes those of the backup over them");
        }
        Restoration restoration = new Restoration(survey, options.patientAccess(), replace);
        try (ProgressLine _ = new ProgressLine(options.screen(),
                passed -> ProgressLine.ofKeys(restoration.keys(), restoration.share(), passed), GranaryCli.onTerminal())) {
            restoration.run(files);
        }
        tell(restoration, files.size());
        return ExitCode.OK;
    }

    private void tell(Restoration restoration, int files) {
        Screen screen = options.screen();
        screen.say(screen.good("Restored") + " " + Table.grouped(restoration.keys()) + " keys from " + files + " files"
                + (restoration.expired() > 0
                        ? "; " + Table.grouped(restoration.expired()) + " had expired since" : ""));
        if (restoration.libraries() > 0) {
            screen.warn("granary: the backup has libraries of functions, which were not restored");
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("keys", restoration.keys());
        facts.put("expired", restoration.expired());
        facts.put("files", files);
        screen.print(facts);
    }
}
