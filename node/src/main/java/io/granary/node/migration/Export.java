package io.granary.node.migration;

import io.granary.gossip.NodeView;
import io.granary.node.snapshot.Pace;
import io.granary.resp.RequestEncoder;
import io.granary.slots.keyspace.SnapshotWalk;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The source's part of one move: a script from the first word to the target until it has the slots, on a thread of its own.
 *
 * <pre>
 * BEGIN                    the target prepares to claim the slots, and removes what it has of them
 * SET ... APPEND ...       the snapshot, and changes as they come; behind a value perhaps its {@link LastUse}
 * SYNC, several times      the target has applied everything before, and so have its replicas
 *   writes to the slots wait from here on
 * END                      the last change was sent; READY: the target has it, and says in which epoch it would claim
 *   the slots are granted  ({@link Grant}): from here on only the target's word, or its death, decides
 * COMMIT                   the target claims the slots
 * </pre>
 *
 * Whatever goes wrong before the grant ends the move here, and the target, which loses the connection, rolls back.
 */
final class Export implements Runnable {

    /** So much may be left to send when writes are made to wait, and so long may a round take that showed it. */
    private static final long NEARLY_EVEN_BYTES = 32 * 1024;
    private static final long NEARLY_EVEN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int ROUNDS_MAX = 500;

    /** How long writes may wait for the target; nothing is granted yet. */
    private static final int READY_MS_MAX = 1000;

    private static final long TURN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final MigrationServices services;
    private final HandOverSteps steps;
    private final MigrationSettings settings;
    private final Grants grants;
    private final Workers handOvers;
    private final MigrationJob job;

    private volatile PeerConnection connection;
    private volatile String ending;
    private volatile JobState endingState;
    private volatile boolean granted;
    /** Since when the thread has been waiting for the other node, by the clock's nanoseconds; 0 while it is not. */
    private volatile long waitsSinceNanos;

    Export(
            MigrationServices services, HandOverSteps steps, MigrationSettings settings, Grants grants, Workers handOvers,
            MigrationJob job) {
        this.services = services;
        this.steps = steps;
        this.settings = settings;
        this.grants = grants;
        this.handOvers = handOvers;
        this.job = job;
    }

    MigrationJob job() {
        return job;
    }

    // ---- from any thread

    /** Ends the move as long as nothing is granted. */
    void giveUp(JobState state, String why) {
        synchronized (this) {
            if (granted || ending != null) {
                return;
            }
            endingState = state;
            ending = why;
        }
        PeerConnection open = connection;
        if (open != null) {
            open.close();
        }
    }

    /** Looks whether the move still makes sense; called now and then. */
    void look() {
        long since = waitsSinceNanos;
        if (granted || job.state().isFinal()) {
            return;
        }
        if (!steps.owns(job.slots())) {
            giveUp(JobState.FAILED, "Slots are no longer owned by myself");
        } else if (since != 0 && services.clock().nanos() - since > settings.patienceNanos()) {
            giveUp(JobState.FAILED, "Timed out after too long with no interaction");
        }
    }

    // ---- the script

    @Override
    public void run() {
        try {
            copy();
        } catch (ExecutionException handOver) {
            failed(handOver.getCause());
        } catch (Exception | Error failure) {
            failed(failure);
        } finally {
            services.condition().release(job.name());
        }
    }

    private void failed(Throwable cause) {
        switch (cause) {
            case Given up -> end(up.state, up.getMessage());
            case HandOverSteps.Refused refused -> end(JobState.FAILED, refused.getMessage());
            case IOException failure -> end(JobState.FAILED, lost(failure));
            case InterruptedException _ -> end(JobState.FAILED, "the node ends");
            default -> {
                end(JobState.FAILED, "an internal fault: " + cause);
                services.faults().report("a move of slots", cause);
            }
        }
    }

    /** Thrown where the thread finds that somebody has given the move up. */
    private static final class Given extends Exception {

        private static final long serialVersionUID = 1L;
        private final transient JobState state;

        Given(JobState state, String why) {
            super(why, null, false, false);
            this.state = state;
        }
    }

    private void end(JobState state, String why) {
        JobState last = ending == null ? state : endingState;
        String text = ending == null ? why : ending;
        if (job.end(last, text, services.clock().unixMs())) {
            services.log().warning("Slot migration " + job + " finished. State: " + last.text() + ", Message: " + text);
        }
    }

    private static String lost(IOException failure) {
        return failure instanceof PeerConnection.Refusal
                ? "The target refuses: " + failure.getMessage()
                : "Connection lost to target (" + failure.getMessage()
                        + "). Check CLUSTER GETSLOTMIGRATIONS on the target node for more information.";
    }

    private void reach(JobState state) throws Given {
        requireGoingOn();
        if (job.state() != state) {
            services.log().notice("Slot migration " + job + " state transition: " + job.state().text() + " -> "
                    + state.text());
            job.reach(state, services.clock().unixMs());
        }
    }

    private void requireGoingOn() throws Given {
        if (ending != null) {
            throw new Given(endingState, ending);
        }
    }

    private void copy() throws Given, ExecutionException, IOException, InterruptedException {
        reach(JobState.CONNECTING);
        NodeView target = steps.view().node(job.plan().target());
        if (target == null) {
            throw new Given(JobState.FAILED, "The target is not known any more");
        }
        try (PeerConnection open = PeerConnection.open(HandOverSteps.address(target), settings)) {
            connection = open;
            reach(JobState.READING_ESTABLISH_RESPONSE);
            patiently(() -> open.ask(settings.patienceMs(), begin()));
            Outflow outflow = new Outflow(
                    services.allocator().get(), settings::outputBytes,
                    new LastUse(services.memory().policy(), settings.decayMinutes(), services.clock().unixMs()));
            try {
                stream(open, outflow);
            } finally {
                services.propagation().leave(outflow, services.keyspace());
                outflow.close();
                job.waiting(0);
            }
        } finally {
            connection = null;
        }
    }

    private String[] begin() {
        List<String> words = new ArrayList<>(List.of(
                "CLUSTER", "SYNCSLOTS", "BEGIN", "SOURCE", job.plan().source().hex(), "NAME", job.name(), "SLOTSRANGE"));
        words.addAll(SlotRanges.words(job.slots()));
        return words.toArray(String[]::new);
    }

    private void stream(PeerConnection open, Outflow outflow)
            throws Given, ExecutionException, IOException, InterruptedException {
        snapshot(open, outflow);
        reach(JobState.REPLICATING);
        catchUp(open, outflow);
        reach(JobState.WAITING_TO_PAUSE);
        while (!grants.tryTurn()) {
            drain(open, outflow);
            LockSupport.parkNanos(TURN_POLL_NANOS);
        }
        try {
            catchUp(open, outflow);
            handOverPromptly(open, outflow);
        } finally {
            grants.endTurn();
        }
    }

    private void snapshot(PeerConnection open, Outflow outflow) throws Given, IOException, InterruptedException {
        reach(JobState.WAITING_TO_SNAPSHOT);
        SnapshotWalk walk = services.keyspace().snapshotSlotBySlot(job.slots(), outflow);
        while (!services.snapshots().lend(() -> giveUp(JobState.FAILED, "Another snapshot had to begin"))) {
            requireGoingOn();
            LockSupport.parkNanos(TURN_POLL_NANOS);
        }
        try {
            reach(JobState.SNAPSHOTTING);
            walk.begin(() -> services.propagation().follow(outflow));
            try {
                Pace pace = services.snapshots().pace(Pace.Purpose.MOVE);
                boolean more = true;
                while (more) {
                    more = walk.step(pace.rest());
                    pace.turned();
                    drain(open, outflow);
                    slowDown(outflow.takeShown());
                }
            } finally {
                walk.abort();
            }
        } finally {
            services.snapshots().handBack();
        }
    }

    /** As long as {@code rdb-key-save-delay} asks for, which may change meanwhile. */
    private void slowDown(int records) throws Given {
        long began = services.clock().nanos();
        while (services.clock().nanos() - began < TimeUnit.MICROSECONDS.toNanos(records * settings.keyDelayMicros())) {
            requireGoingOn();
            LockSupport.parkNanos(TURN_POLL_NANOS);
        }
    }

    /** Sends all that waits. */
    private void drain(PeerConnection open, Outflow outflow) throws Given, IOException {
        for (ByteBuf next = outflow.next(); next != null; next = outflow.next()) {
            waitsSinceNanos = services.clock().nanos() | 1;
            open.send(next);
            waitsSinceNanos = 0;
        }
        job.waiting(outflow.waiting());
        requireGoingOn();
        if (outflow.broken() != null) {
            throw new Given(JobState.FAILED, outflow.broken());
        }
    }

    /** Goes on until the target is so near that the rest takes but a moment. */
    private void catchUp(PeerConnection open, Outflow outflow) throws Given, IOException {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            outflow.append(RequestEncoder.encode("CLUSTER", "SYNCSLOTS", "SYNC", Integer.toString(round)));
            drain(open, outflow);
            long began = services.clock().nanos();
            patiently(() -> open.answer(settings.patienceMs()));
            job.heard(services.clock().unixMs());
            if (services.clock().nanos() - began < NEARLY_EVEN_NANOS && outflow.waiting() < NEARLY_EVEN_BYTES) {
                return;
            }
        }
    }

    /** Something that another node has to do, which is given up when that takes too long. */
    private interface Exchange {
        String run() throws IOException;
    }

    private String patiently(Exchange exchange) throws IOException {
        waitsSinceNanos = services.clock().nanos() | 1;
        try {
            return exchange.run();
        } finally {
            waitsSinceNanos = 0;
        }
    }

    /** On a thread that is not of the background: writes wait for it. What must not be cold is made ready before. */
    private void handOverPromptly(PeerConnection open, Outflow outflow)
            throws IOException, ExecutionException, InterruptedException {
        NodeView leader = steps.leader(job.plan().target());
        try (PeerConnection commit = leader == null ? null : PeerConnection.open(HandOverSteps.address(leader), settings)) {
            FutureTask<Void> task = new FutureTask<>(() -> {
                handOver(open, outflow, commit);
                return null;
            });
            handOvers.run(task);
            task.get();
        }
    }

    private void handOver(PeerConnection open, Outflow outflow, PeerConnection commit)
            throws Given, HandOverSteps.Refused, IOException, InterruptedException {
        reach(JobState.FAILOVER_PAUSED);
        services.condition().hold(job.name(), job.slots());
        services.barrier().await(job.slots());
        // keys may still expire here, as they do there
        services.propagation().leave(outflow, services.keyspace());
        outflow.append(RequestEncoder.encode("CLUSTER", "SYNCSLOTS", "END", job.name()));
        drain(open, outflow);
        String answer = open.answer(READY_MS_MAX);
        if (!answer.startsWith("READY ")) {
            throw new IOException("the target answers " + answer);
        }
        long epoch = Long.parseLong(answer.substring("READY ".length()));
        grant(epoch);
        job.reach(JobState.FAILOVER_GRANTED, services.clock().unixMs());
        // what is granted is frozen by the view
        services.condition().release(job.name());
        grants.settle(new Grant(job.plan(), epoch), job, commit);
    }

    /** From here on nobody gives the move up. */
    private void grant(long epoch) throws Given, HandOverSteps.Refused {
        synchronized (this) {
            requireGoingOn();
            granted = true;
        }
        boolean done = false;
        try {
            steps.grant(job.plan(), epoch);
            done = true;
        } finally {
            granted = done;
        }
    }
}
