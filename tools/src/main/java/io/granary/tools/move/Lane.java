package io.granary.tools.move;

import io.granary.resp.Frame;
import io.granary.resp.Frame.Bulk;
import io.granary.resp.Frame.ErrorFrame;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.Links;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.SlotMove;
import io.granary.tools.cluster.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One connection to each end of a move, over which a handful of slots goes at a time. Says of many slots at once what
 * {@link SlotMove} says of one, in the same order, and leaves to it the keys that are refused. The other primaries hear of
 * the new owner from itself.
 */
final class Lane implements AutoCloseable {

    /** What the source answers when it has lost its last slot and followed the target already. */
    private static final String FOLLOWS_ALREADY = "ERR Please use SETSLOT only with masters";
    /** What a node of ours answers that hands other slots over just now. */
    private static final String BUSY = "try again";
    private static final int PATIENCE_MS = 10_000;
    /** Rounds in which no key could be sent, because those listed had just expired. */
    private static final int VANISHED_MAX = 1000;

    private final MoveStyle style;
    private final NodeReport source;
    private final NodeReport target;
    private final Connection toSource;
    private final Connection toTarget;
    private final Links links;
    private final SlotMove slotBySlot;

    Lane(Access access, MoveStyle style, NodeReport source, NodeReport target, Survey survey) throws IOException {
        this.style = style;
        this.source = source;
        this.target = target;
        this.links = new Links(access);
        this.slotBySlot = new SlotMove(
                links, survey, new SlotMove.Style(style.timeoutMs(), style.pipeline(), style.replace()));
        this.toSource = Connection.open(source.address(), access);
        this.toTarget = Connection.open(target.address(), access);
    }

    /** Moves slots that the source owns, whether they are open already or not. */
    void move(List<Integer> slots) throws IOException {
        setSlots(toTarget, target, slots, "IMPORTING", source.id());
        setSlots(toSource, source, slots, "MIGRATING", target.id());
        moveKeys(slots);
        setSlots(toTarget, target, slots, "NODE", target.id());
        setSlots(toSource, source, slots, "NODE", target.id());
    }

    static List<Object[]> commands(List<Integer> slots, String state, String id) {
        return slots.stream().map(slot -> new Object[] {"CLUSTER", "SETSLOT", slot, state, id}).toList();
    }

    private static void setSlots(Connection connection, NodeReport node, List<Integer> slots, String state, String id)
            throws IOException {
        List<Integer> left = new ArrayList<>(slots);
        String[] refusal = new String[1];
        boolean done = Deadline.inMs(PATIENCE_MS).await(() -> {
            List<Frame> replies = connection.callAll(commands(left, state, id));
            List<Integer> again = new ArrayList<>();
            for (int i = 0; i < replies.size(); i++) {
                if (replies.get(i) instanceof ErrorFrame(String message) && !message.startsWith(FOLLOWS_ALREADY)) {
                    refusal[0] = "node " + node.address() + " refuses CLUSTER SETSLOT: " + message;
                    again.add(left.get(i));
                }
            }
            left.retainAll(again);
            return left.isEmpty() || !refusal[0].contains(BUSY);
        });
        if (!done || !left.isEmpty()) {
            throw new IOException(refusal[0]);
        }
    }

    private void moveKeys(List<Integer> slots) throws IOException {
        List<Integer> left = slots;
        for (int vanished = 0; vanished < VANISHED_MAX; ) {
            Map<Integer, List<Frame>> listed = list(left);
            if (listed.isEmpty()) {
                return;
            }
            vanished = send(listed) ? 0 : vanished + 1;
            left = List.copyOf(listed.keySet());
        }
        throw new IOException("slot " + left.getFirst() + " of " + source.address() + " does not get empty");
    }

    /** The slots that have keys, with some of them. */
    private Map<Integer, List<Frame>> list(List<Integer> slots) throws IOException {
        List<Frame> replies = toSource.callAll(slots.stream()
                .map(slot -> new Object[] {"CLUSTER", "GETKEYSINSLOT", slot, style.pipeline()}).toList());
        Map<Integer, List<Frame>> listed = new LinkedHashMap<>();
        for (int i = 0; i < slots.size(); i++) {
            if (replies.get(i) instanceof ErrorFrame(String message)) {
                throw new IOException("node " + source.address() + " refuses CLUSTER GETKEYSINSLOT: " + message);
            }
            if (!replies.get(i).items().isEmpty()) {
                listed.put(slots.get(i), replies.get(i).items());
            }
        }
        return listed;
    }

    /** Whether anything could be sent. What is refused is tried again alone, with all that can be done about it. */
    private boolean send(Map<Integer, List<Frame>> listed) throws IOException {
        List<Frame> replies = toSource.callAll(listed.values().stream().map(this::migration).toList());
        boolean sent = false;
        int i = 0;
        for (int slot : listed.keySet()) {
            Frame reply = replies.get(i++);
            if (reply.isError()) {
                slotBySlot.moveKeys(slot, source, target);
            }
            sent |= reply.isError() || !reply.text().equals("NOKEY");
        }
        return sent;
    }

    private Object[] migration(List<Frame> keys) {
        Address address = SlotMove.asSeenBy(source, target);
        List<Object> words = new ArrayList<>(List.of("MIGRATE", address.host(), address.port(), "", 0, style.timeoutMs()));
        if (style.replace()) {
            words.add("REPLACE");
        }
        words.addAll(SlotMove.authentication(links.access()));
        words.add("KEYS");
        keys.forEach(key -> words.add(((Bulk) key).bytes()));
        return words.toArray();
    }

    @Override
    public void close() throws IOException {
        links.close();
        toSource.close();
        toTarget.close();
    }
}
