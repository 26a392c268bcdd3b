package io.granary.tools.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.granary.tools.client.Access;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.OpenSlot;
import io.granary.tools.cluster.StopSign;
import io.granary.tools.cluster.Survey;
import io.granary.tools.cluster.Together;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A folder with the RDB of each primary and {@code nodes.json}, which says what nodes there were. That file comes last:
 * a folder without it is no backup.
 */
public final class Backup {

    private static final String NODES = "nodes.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path folder;

    public Backup(Path folder) {
        this.folder = folder;
    }

    /** One file of a backup that was written. */
    public record Saved(NodeReport primary, Path file, long bytes) {}

    /**
     * Takes the backup from all primaries at once. What the folder held of an older one is replaced.
     *
     * @param saved told of each file when it is whole, by several threads
     */
    public void take(Survey survey, Access access, Consumer<Saved> saved) throws IOException {
        Files.createDirectories(folder);
        Files.deleteIfExists(folder.resolve(NODES));
        List<Together.Task> tasks = new ArrayList<>();
        for (NodeReport primary : survey.primaries()) {
            tasks.add(() -> saved.accept(save(primary, access)));
        }
        Together.run(tasks, new StopSign());
        Path draft = folder.resolve(NODES + ".tmp");
        JSON.writeValue(draft.toFile(), survey.answering().stream().map(Backup::facts).toList());
        Files.move(draft, folder.resolve(NODES), StandardCopyOption.REPLACE_EXISTING);
    }

    private Saved save(NodeReport primary, Access access) throws IOException {
        Path file = folder.resolve(fileName(
                primary.address().host(), Integer.toString(primary.address().port()), primary.id()));
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try (Snapshot snapshot = new Snapshot(primary.address(), access);
                FileChannel channel = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                OutputStream out = Channels.newOutputStream(channel)) {
            long bytes = snapshot.writeTo(out);
            channel.force(true);
            RdbFile.check(draft);
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
            return new Saved(primary, file, bytes);
        } catch (IOException failure) {
            Files.deleteIfExists(draft);
            throw new IOException("node " + primary.address() + ": " + failure.getMessage(), failure);
        }
    }

    private static String fileName(String host, String port, String id) {
        return "redis-node-" + host + "-" + port + "-" + id + ".rdb";
    }

    /** As redis-cli writes it. */
    private static Map<String, Object> facts(NodeReport node) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", node.id());
        facts.put("host", node.address().host());
        facts.put("port", node.address().port());
        facts.put("replicate", node.isPrimary() ? null : node.self().primaryId());
        facts.put("slots", node.slots().ranges().stream().map(range -> List.of(range.first(), range.last())).toList());
        facts.put("slots_count", node.slots().size());
        facts.put("flags", node.isPrimary() ? "master" : "slave");
        facts.put("current_epoch", node.self().configEpoch());
        for (boolean importing : new boolean[] {false, true}) {
            Map<String, String> open = node.self().open().stream().filter(each -> each.importing() == importing)
                    .collect(Collectors.toMap(each -> Integer.toString(each.slot()), OpenSlot::peerId));
            if (!open.isEmpty()) {
                facts.put(importing ? "importing" : "migrating", open);
            }
        }
        return facts;
    }

    private static JsonNode entries(Path nodes) throws IOException {
        try {
            return JSON.readTree(Files.readAllBytes(nodes));
        } catch (JsonProcessingException e) {
            throw new IOException(nodes + " is damaged: " + e.getOriginalMessage(), e);
        }
    }

    /** The RDBs of the backup in the folder, each of them whole. */
    public List<Path> files() throws IOException {
        Path nodes = folder.resolve(NODES);
        if (!Files.isRegularFile(nodes)) {
            throw new IOException("no backup in " + folder + ": " + NODES + " is missing");
        }
        List<Path> files = new ArrayList<>();
        for (JsonNode node : entries(nodes)) {
            if (node.path("replicate").isNull()) {
                Path file = folder.resolve(fileName(
                        node.path("host").asText(), node.path("port").asText(), node.path("name").asText()));
                if (!Files.isRegularFile(file)) {
                    throw new IOException("the backup is not whole: " + file + " is missing");
                }
                RdbFile.check(file);
                files.add(file);
            }
        }
        return files;
    }
}
