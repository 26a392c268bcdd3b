package io.granary.node.formation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeId;
import io.granary.gossip.SlotBitmap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A node as CLUSTER NODES of a seed shows it.
 *
 * @param self    whether it is the seed itself
 * @param busPort where its bus listens
 * @param primary whom it replicates, empty for a primary
 * @param failing whether the seed suspects it, or knows that it has failed
 * @param slots   those that it owns
 */
record Member(String id, boolean self, int busPort, String primary, boolean failing, SlotBitmap slots) {

    private static final int LEAST_FIELDS = 8;
    private static final int BUS_PORT_DISTANCE = 10000;

    /**
     * The nodes of a text, without those whose names are not known yet.
     *
     * @throws IllegalArgumentException for a text that is none of CLUSTER NODES
     */
    static List<Member> parse(String text) {
        List<Member> members = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (!line.isBlank()) {
                String[] fields = line.strip().split(" ");
                if (fields.length < LEAST_FIELDS || !NodeId.isValid(fields[0])) {
                    throw new IllegalArgumentException("not a line of CLUSTER NODES: " + line);
                }
                List<String> flags = Arrays.asList(fields[2].split(","));
                if (!flags.contains("handshake")) {
                    members.add(member(fields, flags));
                }
            }
        }
        if (members.stream().filter(Member::self).count() != 1) {
            throw new IllegalArgumentException("CLUSTER NODES shows no node as myself, or several");
        }
        return members;
    }

    private static Member member(String[] fields, List<String> flags) {
        SlotBitmap slots = slots(fields);
        String primary = fields[3].equals("-") ? "" : fields[3];
        boolean failing = flags.contains("fail") || flags.contains("fail?");
        return new Member(fields[0], flags.contains("myself"), busPort(fields[1]), primary, failing, slots);
    }

    /** Of {@code ip:port@busport[,hostname]}; the usual distance from the port where it is left out. */
    private static int busPort(String address) {
        String place = address.split(",", 2)[0];
        int at = place.indexOf('@');
        return at >= 0 ? Integer.parseInt(place.substring(at + 1))
                : Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)) + BUS_PORT_DISTANCE;
    }

    private static SlotBitmap slots(String[] fields) {
        SlotBitmap slots = SlotBitmap.EMPTY;
        for (int i = LEAST_FIELDS; i < fields.length && !fields[i].startsWith("["); i++) {
            int dash = fields[i].indexOf('-');
            int first = Integer.parseInt(dash < 0 ? fields[i] : fields[i].substring(0, dash));
            int last = Integer.parseInt(fields[i].substring(dash + 1));
            if (first < 0 || last < first || last >= ClusterView.SLOTS) {
                throw new IllegalArgumentException("no range of slots: " + fields[i]);
            }
            slots = slots.plus(SlotBitmap.range(first, last));
        }
        return slots;
    }
}
