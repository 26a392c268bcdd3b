package io.granary.tools.granary;

import io.granary.tools.backup.Backup;
import io.granary.tools.cluster.Survey;
import io.granary.tools.move.MoveStyle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code granary backup}: a folder holds the data of all primaries afterwards, checked. */
@Command(name = "backup", description = "Saves the data of all primaries, and what nodes there are, into a folder.",
        mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {

    @Parameters(arity = "1..2", paramLabel = "[HOST:PORT] FOLDER",
            description = {ClusterOptions.ANY_NODE, "then the folder, which is made if need be"})
    private List<String> words = List.of();

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Words given = Words.of(words);
        Path folder = Path.of(given.only(options.spec(), "the folder for the backup"));
        PlanVerb verb = new PlanVerb(options, MoveStyle.USUAL);
        Survey survey = verb.soundCluster(options.seeds(given.cluster()), false);
        Screen screen = options.screen();
        ConcurrentLinkedQueue<Backup.Saved> saved = new ConcurrentLinkedQueue<>();
        new Backup(folder).take(survey, options.patientAccess(), each -> {
            saved.add(each);
            screen.say(each.primary().address() + ": " + Table.grouped(each.bytes()) + " bytes in "
                    + each.file().getFileName());
        });
        screen.say(screen.good("Backup") + " of " + saved.size() + " primaries in " + folder);
        screen.print(facts(folder, saved));
        return ExitCode.OK;
    }

    private static Map<String, Object> facts(Path folder, Iterable<Backup.Saved> saved) {
        List<Map<String, Object>> files = new ArrayList<>();
        for (Backup.Saved each : saved) {
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("address", each.primary().address().toString());
            file.put("id", each.primary().id());
            file.put("file", each.file().getFileName().toString());
            file.put("bytes", each.bytes());
            files.add(file);
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("folder", folder.toString());
        facts.put("files", files);
        return facts;
    }
}
