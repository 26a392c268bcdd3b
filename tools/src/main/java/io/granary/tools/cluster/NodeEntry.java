package io.granary.tools.cluster;

import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One line of CLUSTER NODES: a node as another one sees it, or itself.
 *
 * @param address null where the node has none
 * @param busPort 0 where it is not told
 * @param primaryId {@code -} for a primary
 * @param connected whether the one who tells has a link to the node
 * @param open the slots on the move the classic way; told of the node itself only
 */
public record NodeEntry(
        String id, Address address, int busPort, Set<String> flags, String primaryId, long configEpoch, boolean connected,
        List<SlotRange> slots, List<OpenSlot> open) {

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
        List<OpenSlot> open = new ArrayList<>();
        for (int i = FIELDS_BEFORE_SLOTS; i < fields.length; i++) {
            if (fields[i].startsWith("[")) {
                open.add(OpenSlot.parse(fields[i]));
            } else {
                slots.add(range(fields[i]));
            }
        }
        Set<String> flags = Set.of(fields[2].split(","));
        String place = fields[1].split(",")[0];
        int at = place.lastIndexOf('@');
        Address address = flags.contains("noaddr") ? null : Address.parse(at < 0 ? place : place.substring(0, at));
        return new NodeEntry(fields[0], address, at < 0 ? 0 : Integer.parseInt(place.substring(at + 1)), flags, fields[3],
                Long.parseLong(fields[6]), fields[7].equals("connected"), List.copyOf(slots), List.copyOf(open));
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

    public boolean failed() {
        return flags.contains("fail");
    }

    public boolean isPrimary() {
        return !flags.contains("slave");
    }

    /** The field's word; on the wire a replica is a "slave". */
    public String role() {
        return isPrimary() ? "primary" : "replica";
    }

    public int slotCount() {
        return slots.stream().mapToInt(SlotRange::size).sum();
    }
}
