package io.granary.node.migration;

import io.granary.gossip.HandOvers;
import io.granary.gossip.NodeView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What this node has given out of its hands, and what becomes of it: whoever leads the target's shard is asked until it has
 * claimed the slots or said that it never will. One grant is open at a time.
 */
final class Grants {

    private static final long RETRY_MS = 20;
    private static final long RETRY_MS_MAX = 1000;

    private final MigrationServices services;
    private final HandOverSteps steps;
    private final MigrationSettings settings;
    private final Semaphore turn = new Semaphore(1);
    private volatile PeerConnection asking;
    private volatile boolean closed;

    Grants(MigrationServices services, HandOverSteps steps, MigrationSettings settings) {
        this.services = services;
        this.steps = steps;
        this.settings = settings;
    }

    /** Whether a job may grant now, and nobody else until {@link #endTurn}. */
    boolean tryTurn() {
        return turn.tryAcquire();
    }

    void endTurn() {
        turn.release();
    }

    /** Ends what goes on as soon as it looks. */
    void close() {
        closed = true;
        PeerConnection open = asking;
        if (open != null) {
            open.close();
        }
    }

    /**
     * Asks until the grant is settled, and ends the job.
     *
     * @param ready a connection to whom to ask first, which is closed then; or null
     */
    void settle(Grant grant, MigrationJob job, PeerConnection ready) throws InterruptedException {
        PeerConnection first = ready;
        long waitMs = RETRY_MS;
        while (!closed) {
            if (!isOpen(grant)) {
                settledByOthers(job);
                return;
            }
            try {
                commit(grant, first);
                steps.end(grant.plan().name());
                end(job, JobState.SUCCESS, "");
                return;
            } catch (PeerConnection.Refusal refusal) {
                if (refusal.getMessage().startsWith(HandOvers.NO_CLAIM) && revoked(grant)) {
                    end(job, JobState.FAILED, "The target has not claimed the slots: " + refusal.getMessage());
                    return;
                }
                services.log().notice("Slot migration " + job + ": asked to claim the slots, the target answers "
                        + refusal.getMessage());
            } catch (IOException | HandOverSteps.Refused failure) {
                services.log().notice("Slot migration " + job + ": the target could not be asked to claim the slots: "
                        + failure.getMessage());
            }
            first = null;
            TimeUnit.MILLISECONDS.sleep(waitMs);
            waitMs = Math.min(RETRY_MS_MAX, waitMs * 2);
        }
    }

    /** A failover of this shard, or an operator, may have ended it. */
    private boolean isOpen(Grant grant) {
        return steps.view().handOvers().grants().stream().anyMatch(open -> open.job().equals(grant.plan().name()));
    }

    private void settledByOthers(MigrationJob job) {
        NodeView owner = steps.owner(job.slots());
        boolean moved = owner != null && owner.id().equals(job.plan().target());
        end(job, moved ? JobState.SUCCESS : JobState.FAILED, moved ? "" : "Slots are no longer owned by myself");
    }

    private void commit(Grant grant, PeerConnection ready) throws IOException {
        NodeView leader = steps.leader(grant.plan().target());
        if (leader == null) {
            throw new IOException("the target is not known any more");
        }
        List<String> words = new ArrayList<>(List.of(
                "CLUSTER", "SYNCSLOTS", "COMMIT", "SOURCE", grant.plan().source().hex(), "NAME", grant.plan().name(),
                "EPOCH", Long.toString(grant.epoch()), "SLOTSRANGE"));
        words.addAll(SlotRanges.words(grant.plan().slots()));
        try (PeerConnection connection = ready != null ? ready
                : PeerConnection.open(HandOverSteps.address(leader), settings)) {
            asking = connection;
            connection.ask(words.toArray(String[]::new));
        } finally {
            asking = null;
        }
    }

    private boolean revoked(Grant grant) {
        try {
            steps.revoke(grant.plan().name());
            return true;
        } catch (HandOverSteps.Refused refused) {
            services.log().notice("The slots of migration " + grant.plan().name() + " are not taken back yet: "
                    + refused.getMessage());
            return false;
        }
    }

    private void end(MigrationJob job, JobState state, String why) {
        if (job.end(state, why, services.clock().unixMs())) {
            services.log().notice("Slot migration " + job + " finished. State: " + state.text() + ", Message: "
                    + (why.isEmpty() ? "none" : why));
        }
    }
}
