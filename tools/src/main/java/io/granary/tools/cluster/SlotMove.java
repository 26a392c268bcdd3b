package io.granary.tools.cluster;

import io.granary.resp.Frame;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves slots from one primary to another the classic way, key by key, between nodes of any kind.
 *
 * <p>The target imports the slot and the source migrates it; the source sends its keys; then the slot is the target's. The
 * target hears of that first: if it died after another had heard, the slot would be nobody's. Whatever ends a move half way
 * leaves an open slot with each key on exactly one side, and the same move made again goes on with it.
 */
public final class SlotMove {

    /** What the source answers when it has lost its last slot and followed the target already. */
    private static final String FOLLOWS_ALREADY = "ERR Please use SETSLOT only with masters";
    /** The batches without a single key left that are taken for keys which just expired. */
    private static final int VANISHED_MAX = 1000;
    private static final String MISSING = "0".repeat(40);

    private final Links links;
    private final List<NodeReport> primaries;
    private final Style style;

    /**
     * How keys are sent.
     *
     * @param timeoutMs how long the source waits for the target
     * @param pipeline how many keys at once
     * @param replace whether a key that the target has already may be overwritten by another value
     */
    public record Style(int timeoutMs, int pipeline, boolean replace) {
        public static final Style USUAL = new Style(60_000, 10, false);
    }

    /** @param links must be patient for {@code style.timeoutMs} at least */
    public SlotMove(Links links, Survey survey, Style style) {
        this.links = links;
        this.primaries = survey.primaries();
        this.style = style;
    }

    /** Moves one slot, or goes on with moving it; returns the number of keys sent. */
    public long move(int slot, NodeReport source, NodeReport target) throws IOException {
        setSlot(target, slot, "IMPORTING", source.id());
        setSlot(source, slot, "MIGRATING", target.id());
        long keys = moveKeys(slot, source, target);
        assign(slot, source, target);
        return keys;
    }

    /**
     * Sends the keys of a slot and leaves its owner as it is. The slot must be open at the source, in either direction, and
     * the target its owner or importing it.
     */
    public long moveKeys(int slot, NodeReport source, NodeReport target) throws IOException {
        long moved = 0;
        int vanished = 0;
        while (vanished < VANISHED_MAX) {
            List<Frame> keys = links.require(source, "CLUSTER", "GETKEYSINSLOT", slot, style.pipeline).items();
            if (keys.isEmpty()) {
                return moved;
            }
            if (send(keys, source, target)) {
                moved += keys.size();
                vanished = 0;
            } else {
                vanished++;
            }
        }
        throw new IOException("slot " + slot + " of " + source.address() + " does not get empty");
    }

    private void assign(int slot, NodeReport source, NodeReport target) throws IOException {
        setSlot(target, slot, "NODE", target.id());
        try {
            links.call(source, "CLUSTER", "SETSLOT", slot, "NODE", target.id());
        } catch (ErrorReply refused) {
            if (!refused.getMessage().startsWith(FOLLOWS_ALREADY)) {
                throw new IOException("node " + source.address() + ": " + refused.getMessage(), refused);
            }
        }
        for (NodeReport other : primaries) {
            if (!other.id().equals(source.id()) && !other.id().equals(target.id())) {
                tell(other, slot, target);
            }
        }
    }

    /** Only saves clients redirects until gossip comes round: what goes wrong here is mended by it. */
    private void tell(NodeReport other, int slot, NodeReport owner) {
        try {
            links.call(other, "CLUSTER", "SETSLOT", slot, "NODE", owner.id());
        } catch (IOException _) {
            // It will hear of the move from the others.
        }
    }

    private void setSlot(NodeReport node, int slot, String state, String id) throws IOException {
        links.require(node, "CLUSTER", "SETSLOT", slot, state, id);
    }

    /** Whether there was anything to send. */
    private boolean send(List<Frame> keys, NodeReport source, NodeReport target) throws IOException {
        try {
            return migrate(keys, source, target, style.replace);
        } catch (ErrorReply refused) {
            if (!refused.getMessage().contains("BUSYKEY")) {
                throw new IOException("node " + source.address() + " cannot send to " + target.address() + ": "
                        + refused.getMessage(), refused);
            }
            requireSame(keys, source, target);
            return migrate(keys, source, target, true);
        }
    }

    private boolean migrate(List<Frame> keys, NodeReport source, NodeReport target, boolean replace) throws IOException {
        Address address = asSeenBy(source, target);
        List<Object> words = new ArrayList<>(
                List.of("MIGRATE", address.host(), address.port(), "", 0, style.timeoutMs));
        if (replace) {
            words.add("REPLACE");
        }
        words.addAll(authentication(links.access()));
        words.add("KEYS");
        keys.forEach(key -> words.add(key.text().getBytes(StandardCharsets.ISO_8859_1)));
        return !links.call(source, words.toArray()).text().equals("NOKEY");
    }

    /** The words of MIGRATE with which a source authenticates at a target. */
    public static List<String> authentication(Access access) {
        if (access.password() == null) {
            return List.of();
        }
        return access.user() == null ? List.of("AUTH", access.password())
                : List.of("AUTH2", access.user(), access.password());
    }

    /** The source may know the target by another address than we do. */
    public static Address asSeenBy(NodeReport source, NodeReport target) {
        return source.known().stream().filter(entry -> entry.id().equals(target.id()) && entry.address() != null)
                .map(NodeEntry::address).findFirst().orElse(target.address());
    }

    /** Keys that both have may be overwritten if their values are the same: then nothing is lost. */
    private void requireSame(List<Frame> keys, NodeReport source, NodeReport target) throws IOException {
        List<String> here = digests(keys, source);
        List<String> there = digests(keys, target);
        List<String> different = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            if (!there.get(i).equals(MISSING) && !here.get(i).equals(MISSING) && !here.get(i).equals(there.get(i))) {
                different.add(keys.get(i).text());
            }
        }
        if (!different.isEmpty()) {
            throw new IOException(source.address() + " and " + target.address() + " have different values of "
                    + String.join(", ", different) + "; remove the wrong one, or let --replace prefer the one of "
                    + source.address());
        }
    }

    private List<String> digests(List<Frame> keys, NodeReport node) throws IOException {
        List<Object> words = new ArrayList<>(List.of("DEBUG", "DIGEST-VALUE"));
        keys.forEach(key -> words.add(key.text().getBytes(StandardCharsets.ISO_8859_1)));
        try {
            return links.call(node, words.toArray()).items().stream().map(Frame::text).toList();
        } catch (ErrorReply refused) {
            throw new IOException("the target has keys of the slot already, and " + node.address()
                    + " does not let their values be compared (" + refused.getMessage() + "); --replace overwrites them",
                    refused);
        }
    }
}
