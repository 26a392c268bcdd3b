package io.granary.node.dispatch;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeView;
import io.granary.resp.Request;
import io.granary.slots.Slot;
import io.granary.slots.command.Command;
import io.granary.slots.command.KeyVisitor;
import java.util.function.Consumer;

/**
 * The decision where a request is run, made from the request and a view of the cluster alone.
 *
 * <p>It is made in two steps, because nearly every request falls through the first. {@link #slotOf} finds the one slot of
 * all keys, and {@link #runsHere} tells whether the view leaves no question about it: the cluster is up, the slot is ours
 * and nothing is migrating. Neither allocates. Only when the answer is no, {@link #route} goes through Redis's checklist
 * (getNodeByQuery in cluster.c), in its order, because clients see which of two reasons comes first.
 *
 * <p>Ask the view under the slot's lock: a slot that has been handed over since the view was read must not take a write.
 *
 * <p>An instance serves one event loop: it holds the scratch for commands whose keys have to be searched.
 */
public final class Router {

    /** The request has no keys: it runs wherever it is. */
    public static final int NO_KEYS = -1;

    /** Codes from here downwards: keys of several slots; the first key's slot is {@code CROSS_SLOT - code}. */
    private static final int CROSS_SLOT = -2;

    private final SlotSearch search = new SlotSearch();

    /**
     * What decides beside slot and view.
     *
     * @param write whether the command, or for EXEC any queued one, may write
     * @param asking whether the client sent ASKING just before, or the command implies it
     * @param readOnlyClient whether the client sent READONLY
     * @param readsWhenDown {@code cluster-allow-reads-when-down}
     * @param local whether the command is about the keys that are here of a slot that comes or goes: MIGRATE
     */
    public record Terms(boolean write, boolean asking, boolean readOnlyClient, boolean readsWhenDown, boolean local) {

        public Terms(boolean write, boolean asking, boolean readOnlyClient, boolean readsWhenDown) {
            this(write, asking, readOnlyClient, readsWhenDown, false);
        }
    }

    /** The slot of all keys of the request, {@link #NO_KEYS}, or another negative code that {@link #route} explains. */
    public int slotOf(Request request, Command<?> command) {
        if (command.movableKeys()) {
            return search.slotOf(request, command);
        }
        int first = command.firstKey();
        if (first == 0) {
            return NO_KEYS;
        }
        int last = command.lastKey() < 0 ? request.count() + command.lastKey() : command.lastKey();
        if (first >= request.count() || last < first) {
            return NO_KEYS;
        }
        int slot = Slot.of(request.bytes(), request.offset(first), request.length(first));
        int step = command.keyStep();
        for (int key = first + step; key <= last; key += step) {
            if (Slot.of(request.bytes(), request.offset(key), request.length(key)) != slot) {
                return CROSS_SLOT - slot;
            }
        }
        return slot;
    }

    /** The slot of two groups of keys together, each given as a code of {@link #slotOf}: for EXEC over its commands. */
    public static int join(int one, int other) {
        if (one == NO_KEYS) {
            return other;
        }
        return one <= CROSS_SLOT || other == NO_KEYS || one == other ? one : CROSS_SLOT - one;
    }

    /** Whether the slot is served here without further questions; {@code slot} is a code of {@link #slotOf}. */
    public static boolean runsHere(ClusterView view, int slot) {
        return slot < 0 ? slot == NO_KEYS : view.ok() && view.isMine(slot) && view.settled();
    }

    /**
     * Where the keys of {@code slot} are served, by the whole checklist.
     *
     * @param slot a code of {@link #slotOf} or {@link #join}
     * @param keys counts the request's keys; called at most once, and only for a slot that is migrating
     */
    public static Route route(ClusterView view, int slot, Terms terms, Consumer<KeyCensus> keys) {
        if (slot == NO_KEYS) {
            return new Route.Here(NO_KEYS);
        }
        // the first key's slot is looked at before it is compared with the others'
        NodeView owner = view.owner(slot >= 0 ? slot : CROSS_SLOT - slot);
        if (owner == null) {
            return Route.Down.UNBOUND;
        }
        if (slot < 0) {
            return new Route.CrossSlot();
        }
        if (!view.ok()) {
            if (!terms.readsWhenDown()) {
                return Route.Down.CLUSTER;
            }
            if (terms.write()) {
                return Route.Down.READ_ONLY;
            }
        }
        return settle(view, slot, owner, terms, keys);
    }

    private static Route settle(ClusterView view, int slot, NodeView owner, Terms terms, Consumer<KeyCensus> keys) {
        boolean mine = view.isMine(slot);
        if (terms.local() && (mine ? view.migratingTo(slot) : view.importingFrom(slot)) != null) {
            return new Route.Here(slot);
        }
        if (mine && view.migratingTo(slot) != null) {
            KeyCensus census = census(keys);
            if (census.missing() > 0) {
                return census.held() > 0 ? new Route.TryAgain() : new Route.Ask(slot, view.migratingTo(slot));
            }
        } else if (view.importingFrom(slot) != null && terms.asking()) {
            KeyCensus census = census(keys);
            return census.several() && census.missing() > 0 ? new Route.TryAgain() : new Route.Here(slot);
        }
        boolean replicated = terms.readOnlyClient() && !terms.write() && owner.id().equals(view.myself().primary());
        return mine || replicated ? new Route.Here(slot) : new Route.Moved(slot, owner);
    }

    private static KeyCensus census(Consumer<KeyCensus> keys) {
        KeyCensus census = new KeyCensus();
        keys.accept(census);
        return census;
    }

    /** Finds the slot of keys whose places the command has to work out from the request. */
    private static final class SlotSearch implements KeyVisitor {

        private Request request;
        private int slot;

        int slotOf(Request searched, Command<?> command) {
            request = searched;
            slot = NO_KEYS;
            command.keys(searched, this);
            request = null;
            return slot;
        }

        @Override
        public void visit(int argument, int keyFlags) {
            slot = join(slot, Slot.of(request.bytes(), request.offset(argument), request.length(argument)));
        }
    }
}
