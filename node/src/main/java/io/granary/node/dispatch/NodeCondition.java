package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.node.client.Monitors;
import io.granary.slots.SlotSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands in the way of commands on the whole node: a pause of clients, a memory limit, somebody who watches. Read for
 * every command as one flag; changed rarely.
 */
public final class NodeCondition {

    private final List<ClientSession> waiting = new ArrayList<>();
    private volatile boolean quiet = true;
    private final Map<PausePurpose, Pause> pauses = new EnumMap<>(PausePurpose.class);
    /** The sum of all pauses. */
    private volatile Pause pause = Pause.NONE;
    private volatile boolean expiresActively = true;
    private volatile boolean halted;
    private boolean memoryLimited;
    private volatile boolean loading;
    private volatile boolean loadingBeside;
    private volatile boolean emptied;
    private volatile boolean unsaved;
    private volatile boolean replica;
    private volatile int dataEra;
    private volatile boolean stale;
    private volatile boolean lacksReplicas;
    private volatile boolean closedToWrites;
    /** Whether there is a pause, or clients may not write: read for every command with its lock held. */
    private volatile boolean bars;
    /** Slots whose writes wait, by why; and all of them, or null for none: replaced, never changed. */
    private final Map<String, SlotSet> holds = new HashMap<>();
    private volatile SlotSet held;
    private Runnable listener = () -> { };

    /** A pause of clients until a moment: of all commands, or only of those that write. */
    record Pause(boolean all, long untilMs) {
        static final Pause NONE = new Pause(false, 0);

        /** The least pause that both are a part of. */
        Pause and(Pause other) {
            return new Pause(all || other.all, Math.max(untilMs, other.untilMs));
        }
    }

    /** Why clients have to wait; each pause begins and ends on its own. */
    public enum PausePurpose {
        /** CLIENT PAUSE. */
        OPERATOR,
        /** Replicas are waited for before the node ends. */
        SHUTDOWN,
        /** A replica catches up to take over by hand. */
        FAILOVER
    }

    /** Whether nothing stands in the way. */
    boolean quiet() {
        return quiet;
    }

    /** Lets no further command run, for ever: the data may be wrong. Called with locks of slots held, so it takes none. */
    public void halt() {
        halted = true;
        quiet = false;
    }

    /** Whether no command runs any more. */
    public boolean halted() {
        return halted;
    }

    /** Whether a limit of memory is set, so that every command has to look at it. */
    public synchronized void memoryLimited(boolean on) {
        memoryLimited = on;
        refresh();
    }

    /** Whether the node's data is being read, from its file or a snapshot, so that there is nothing to ask for yet. */
    public boolean loading() {
        return loading;
    }

    public synchronized void loading(boolean on) {
        loading = on;
        refresh();
    }

    /** Whether other data are being read beside those that are served: then some commands have to wait. */
    boolean loadingBeside() {
        return loadingBeside;
    }

    public synchronized void loadingBeside(boolean on) {
        loadingBeside = on;
        refresh();
    }

    /** Whether anything is being read that will take the place of what is there. */
    public boolean awaitsData() {
        return loading || loadingBeside;
    }

    /** Whether this replica has thrown its data away to make room for its primary's, which are not there yet. */
    public boolean emptied() {
        return emptied;
    }

    public synchronized void emptied(boolean on) {
        emptied = on;
        refresh();
    }

    /** Nothing is awaited any more: the data are there. The locks of all slots are held. */
    public synchronized void filled() {
        loading = false;
        loadingBeside = false;
        emptied = false;
        dataEra++;
        refresh();
    }

    /** Counts how often the data have become another's: those of clients, of a primary, of another one. */
    int dataEra() {
        return dataEra;
    }

    /** Whether clients may not write since what they wrote could not be saved. */
    boolean unsaved() {
        return unsaved;
    }

    public synchronized void unsaved(boolean on) {
        unsaved = on;
        refresh();
    }

    /** Whether expired keys are looked for: DEBUG SET-ACTIVE-EXPIRE. */
    public boolean expiresActively() {
        return expiresActively;
    }

    public void expiresActively(boolean on) {
        expiresActively = on;
    }

    private void refresh() {
        bars = closedToWrites || pause != Pause.NONE || held != null;
        quiet = !halted && !memoryLimited && pause == Pause.NONE && !stale && !lacksReplicas && !unsaved
                && !awaitsData() && !emptied;
        if (halted) {
            // it may have come in between
            quiet = false;
        }
    }

    /** Has somebody told when a pause begins or ends, or this node gets another role. */
    synchronized void onChange(Runnable told) {
        listener = told;
    }

    // ---- the role ----

    /** Whether this node is a replica: then it removes no key by itself. */
    public boolean replica() {
        return replica;
    }

    /** Tells of the role. The locks of all slots are held. */
    public synchronized void replica(boolean on) {
        dataEra += replica == on ? 0 : 1;
        replica = on;
        listener.run();
    }

    /**
     * Whether clients may not write here, as on a replica that was not made writable. Changes with the role, while the locks
     * of all slots are held; whoever asks with a lock held has an answer that holds as long.
     */
    public synchronized void closedToWrites(boolean on) {
        closedToWrites = on;
        refresh();
    }

    boolean closedToWrites() {
        return closedToWrites;
    }

    /** Whether writes have to look further. */
    boolean bars() {
        return bars;
    }

    /** Whether clients are refused since the data may be old, or are none: the link to the primary is down. */
    boolean stale() {
        return stale || emptied && !loading;
    }

    public synchronized void stale(boolean on) {
        stale = on;
        refresh();
    }

    /** Whether clients may not write since too few replicas are near: {@code min-replicas-to-write}. */
    boolean lacksReplicas() {
        return lacksReplicas && !replica;
    }

    public synchronized void lacksReplicas(boolean on) {
        lacksReplicas = on;
        refresh();
    }

    // ---- pauses ----

    /**
     * Whether keys whose time has come are removed here: not on a replica, and not while writes are paused. Whoever asks
     * with a lock held has an answer that counts: the role changes with all of them held, and a pause for a failover looks
     * at the log only after it has had each of them once.
     */
    public boolean removesExpired() {
        return !paused() && !replica;
    }

    /** Whether clients that would write have to wait: then the data does not change by itself either. */
    public boolean paused() {
        return pause != Pause.NONE;
    }

    /**
     * Lets clients wait until {@code untilMs}. As in Redis a pause never ends earlier than one that was asked for before
     * with the same purpose, and a pause of all commands is not weakened. A command that runs already goes on: see
     * {@link PauseBarrier}.
     */
    public synchronized void pause(PausePurpose purpose, boolean all, long untilMs) {
        pauses.merge(purpose, new Pause(all, untilMs), Pause::and);
        sumUp();
    }

    /** Ends the pause of this purpose; clients that waited go on unless another holds them. */
    public synchronized void resume(PausePurpose purpose) {
        if (pauses.remove(purpose) != null) {
            sumUp();
        }
    }

    private void sumUp() {
        Pause before = pause;
        pause = pauses.values().stream().reduce(Pause::and).orElse(Pause.NONE);
        refresh();
        if (!pause.equals(before)) {
            listener.run();
        }
        if (pause == Pause.NONE || before.all() && !pause.all()) {
            wakeAll();
        }
    }

    /** Ends the pauses whose time has come, and forgets clients that have gone; called now and then. */
    public void tick(long nowMs) {
        if (pause != Pause.NONE) {
            endOverdue(nowMs);
        }
        waitingCount();
    }

    private synchronized void endOverdue(long nowMs) {
        if (pauses.values().removeIf(each -> nowMs >= each.untilMs())) {
            sumUp();
        }
    }

    /** Clients that wait for the end of a pause, or of a hold of slots. */
    public synchronized int waitingCount() {
        waiting.removeIf(ClientSession::closing);
        return waiting.size();
    }

    /** Milliseconds until the pause ends, -1 when there is none. */
    public long pausedForMs(long nowMs) {
        Pause now = pause;
        return now == Pause.NONE ? -1 : Math.max(0, now.untilMs() - nowMs);
    }

    /** Lets the client wait if the pause is for such commands; false if it may go on. */
    synchronized boolean suspends(ClientSession session, boolean writes) {
        if (pause == Pause.NONE || !pause.all() && !writes || session.follower() != null) {
            return false;
        }
        suspend(session);
        return true;
    }

    private void suspend(ClientSession session) {
        session.suspension().suspend();
        waiting.add(session);
    }

    // ---- slots whose writes wait ----

    /**
     * Lets writes to these slots, and to none that were held before for the same reason, wait until {@link #release}, and
     * commands that change all slots; reads go on, and so do all other slots. A command that runs already goes on: see
     * {@link PauseBarrier}.
     *
     * @param why a name by which it is released
     */
    public synchronized void hold(String why, SlotSet slots) {
        boolean known = holds.put(why, slots) != null;
        sumUpHolds();
        if (known) {
            wakeAll();
        }
    }

    /** Lets writes go on that were held for this reason. */
    public synchronized void release(String why) {
        if (holds.remove(why) != null) {
            sumUpHolds();
            wakeAll();
        }
    }

    /** Those that have to wait all the same find out. */
    private void wakeAll() {
        waiting.forEach(each -> each.suspension().wake());
        waiting.clear();
    }

    private void sumUpHolds() {
        SlotSet sum = new SlotSet();
        holds.values().forEach(sum::addAll);
        held = sum.isEmpty() ? null : sum;
        refresh();
    }

    /** Whether writes to a slot wait; where there is none, whether those that change all slots do. */
    boolean holds(int slot) {
        SlotSet now = held;
        return now != null && (slot < 0 || now.contains(slot));
    }

    /** Lets the client wait whose write to such a slot cannot run; false if it may go on meanwhile. */
    synchronized boolean suspendsWrite(ClientSession session, int slot) {
        if (suspends(session, true)) {
            return true;
        }
        if (!holds(slot)) {
            return false;
        }
        suspend(session);
        return true;
    }
}
