package io.granary.tools.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan as JSON: the moves with the slots as CLUSTER NODES writes them, and where the nodes were to be found, so that
 * whoever carries it out needs nothing else. Fields that others put beside these are left alone.
 *
 * @param addresses of the nodes by their ids
 */
public record PlanFile(Plan plan, Map<String, String> addresses) {

    private static final String FORMAT = "granary-plan-1";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** The document, of maps, lists, texts and numbers. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("format", FORMAT);
        facts.put("moves", plan.moves().stream().map(this::facts).toList());
        return facts;
    }

    private Map<String, Object> facts(Move move) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("source", move.source());
        facts.put("sourceAddress", addresses.get(move.source()));
        facts.put("target", move.target());
        facts.put("targetAddress", addresses.get(move.target()));
        facts.put("slotCount", move.slotCount());
        facts.put("slots", SlotSet.of(move.ranges()).toString());
        return facts;
    }

    /** Writes a document that {@link #read} understands, whole or not at all. */
    public static void write(Path file, Map<String, Object> facts) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        JSON.writeValue(draft.toFile(), facts);
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads what {@link #write} wrote; anything else is refused. */
    public static PlanFile read(Path file) throws IOException {
        try {
            return of(JSON.readTree(Files.readAllBytes(file)));
        } catch (IllegalArgumentException | JsonProcessingException e) {
            throw new IOException(file + " is no plan: " + e.getMessage(), e);
        }
    }

    private static PlanFile of(JsonNode document) {
        if (!document.path("format").asText().equals(FORMAT)) {
            throw new IllegalArgumentException("its format is not " + FORMAT);
        }
        List<Move> moves = new ArrayList<>();
        Map<String, String> addresses = new LinkedHashMap<>();
        for (JsonNode move : document.path("moves")) {
            String source = move.path("source").asText();
            String target = move.path("target").asText();
            moves.add(new Move(source, target, ranges(move.path("slots").asText())));
            addresses.put(source, move.path("sourceAddress").asText());
            addresses.put(target, move.path("targetAddress").asText());
        }
        return new PlanFile(new Plan(moves), addresses);
    }

    /** Reads slots as {@code 0-99 200} or {@code 0-99,200}. */
    public static List<SlotRange> ranges(String text) {
        SlotSet slots = new SlotSet();
        for (String range : text.strip().split("[ ,]+")) {
            String[] ends = range.split("-", 2);
            try {
                slots.add(new SlotRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])));
            } catch (NumberFormatException _) {
                throw new IllegalArgumentException("not a range of slots: " + range);
            }
        }
        return slots.ranges();
    }
}
