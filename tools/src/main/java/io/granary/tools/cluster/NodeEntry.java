package io.granary.tools.cluster;

import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One line of CLUSTER NODES: a node as another one sees it. */
public record NodeEntry(
        String id, Address address, Set<String> flags, String primaryId, long configEpoch, boolean connected,
        List<SlotRange> slots) {

    private static final int FIELDS_BEFORE_SLOTS = 8;

    public static List<NodeEntry> parseAll(String text) {
        return text.lines().filter(line -> !line.isBlank()).map(NodeEntry::parse).toList();
    }

    /** {@code id ip:port@busport[,hostname] flags primary ping-sent pong-received epoch link-state [slot|first-last]...} */
    static NodeEntry parse(String line) {
        String[] fields = line.split(" ");
        if (fields.length < FIELDS_BEFORE_SLOTS) {
            throw new IllegalArgumentException("not a line of CLUSTER NODES: " + line);
        }
        List<SlotRange> slots = new ArrayList<>();
        for (int i = FIELDS_BEFORE_SLOTS; i < fields.length; i++) {
            if (!fields[i].startsWith("[")) {
                slots.add(range(fields[i]));
            }
        }
        String address = fields[1].substring(0, fields[1].lastIndexOf('@'));
        return new NodeEntry(fields[0], Address.parse(address), Set.of(fields[2].split(",")), fields[3],
                Long.parseLong(fields[6]), fields[7].equals("connected"), List.copyOf(slots));
    }

    private static SlotRange range(String text) {
        int dash = text.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
        return new SlotRange(first, dash < 0 ? first : Integer.parseInt(text.substring(dash + 1)));
    }

    public boolean myself() {
        return flags.contains("myself");
    }

    public boolean inHandshake() {
        return flags.contains("handshake");
    }

    /** The field's word; on the wire a replica is a "slave". */
    public String role() {
        return flags.contains("slave") ? "replica" : "primary";
    }

    public int slotCount() {
        return slots.stream().mapToInt(SlotRange::size).sum();
    }
}
