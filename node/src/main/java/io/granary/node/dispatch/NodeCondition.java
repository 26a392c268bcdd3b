package io.granary.node.dispatch;

import io.granary.node.client.ClientSession;
import io.granary.node.client.Monitors;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands in the way of commands on the whole node: a pause of clients, a memory limit, somebody who watches. Read for
 * every command as one flag; changed rarely.
 */
public final class NodeCondition {

    private final List<ClientSession> waiting = new ArrayList<>();
    private volatile boolean quiet = true;
    private volatile Pause pause = Pause.NONE;
    private volatile boolean expiresActively = true;
    private boolean memoryLimited;
    private volatile boolean replica;
    private volatile boolean stale;
    /** Whether clients may not write here; changes only while the locks of all slots are held, and is read with one of them. */
    private boolean closedToWrites;
    private Runnable listener = () -> { };

    /** A pause of clients until a moment: of all commands, or only of those that write. */
    record Pause(boolean all, long untilMs) {
        static final Pause NONE = new Pause(false, 0);
    }

    /** Whether nothing stands in the way. */
    boolean quiet() {
        return quiet;
    }

    /** Whether a limit of memory is set, so that every command has to look at it. */
    public synchronized void memoryLimited(boolean on) {
        memoryLimited = on;
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
        quiet = !memoryLimited && pause == Pause.NONE && !stale;
    }

    private void pause(Pause next) {
        pause = next;
        refresh();
        listener.run();
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

    /**
     * Tells of the role. The locks of all slots are held, so that no write is under way.
     *
     * @param closed whether clients may not write, as on a replica that is not made writable
     */
    public synchronized void replica(boolean on, boolean closed) {
        replica = on;
        closedToWrites = closed;
        listener.run();
    }

    /** Whether clients may not write here: to be asked with the lock of a slot held, where the answer holds as long as the lock. */
    boolean closedToWrites() {
        return closedToWrites;
    }

    /** Whether clients are refused since the data may be old: the link to the primary is down. */
    boolean stale() {
        return stale;
    }

    public synchronized void stale(boolean on) {
        stale = on;
        refresh();
    }

    // ---- pauses ----

    /** Whether clients that would write have to wait: then the data does not change by itself either. */
    public boolean paused() {
        return pause != Pause.NONE;
    }

    /**
     * Lets clients wait until {@code untilMs}. As in Redis a pause never ends earlier than one that was asked for before,
     * and a pause of all commands is not weakened.
     */
    public synchronized void pause(boolean all, long untilMs) {
        boolean stronger = all || pause.all();
        pause(new Pause(stronger, Math.max(untilMs, pause.untilMs())));
    }

    /** Ends the pause; clients that waited go on. */
    public synchronized void resume() {
        pause(Pause.NONE);
        waiting.forEach(ClientSession::wake);
        waiting.clear();
    }

    /** Ends the pause when its time has come, and forgets clients that have gone; called now and then. */
    public void tick(long nowMs) {
        Pause now = pause;
        if (now != Pause.NONE) {
            if (nowMs >= now.untilMs()) {
                resume();
            } else {
                waitingCount();
            }
        }
    }

    /** Clients that wait for the end of the pause. */
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
        if (pause == Pause.NONE || !pause.all() && !writes) {
            return false;
        }
        session.suspend();
        waiting.add(session);
        return true;
    }
}
