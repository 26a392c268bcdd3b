package io.granary.node.migration;

import io.granary.gossip.NodeView;
import io.granary.node.client.ClientSession;
import io.granary.node.client.StreamSource;
import io.granary.node.dispatch.StreamException;
import io.granary.resp.Request;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * The target's part of one move. What comes is applied as this node's own changes, so that its replicas get it, too; clients
 * see nothing of it, since the slots are not this node's.
 *
 * <p>As long as the source may still grant the slots, what has come complete is kept, even without a connection: the
 * source is asked now and then whether it knows of the move. Whatever ends the move otherwise removes what has come.
 */
final class Import implements StreamSource {

    /** How long replicas of this node may take to get what has come, when writes at the source wait. */
    private static final long REPLICAS_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** How far the move has come; each phase can end it but CLAIMING, which only the machine's answer ends. */
    private enum Phase { PREPARING, RECEIVING, COMPLETE, READY, CLAIMING, OVER }

    private final MigrationServices services;
    private final HandOverSteps steps;
    private final MigrationSettings settings;
    private final ImportedSlots slots;
    private final Workers workers;
    private final Workers handOvers;
    private final MigrationJob job;

    // Changed with the monitor held.
    private volatile Phase phase = Phase.PREPARING;
    private String doomed;
    private volatile Channel channel;
    private volatile boolean connected;
    private volatile boolean claimed;
    private volatile long heardNanos;
    private volatile long askedNanos;

    Import(
            MigrationServices services, HandOverSteps steps, MigrationSettings settings, ImportedSlots slots,
            Workers workers, Workers handOvers, MigrationJob job) {
        this.services = services;
        this.steps = steps;
        this.settings = settings;
        this.slots = slots;
        this.workers = workers;
        this.handOvers = handOvers;
        this.job = job;
        heardNanos = services.clock().nanos();
        askedNanos = heardNanos;
    }

    MigrationJob job() {
        return job;
    }

    // ---- the beginning, on a thread of its own

    /** Makes the slots ready for what comes; returns what to answer, null if all is well. */
    String prepare() {
        try {
            steps.prepare(job.plan());
            slots.begin(job.plan());
            return null;
        } catch (HandOverSteps.Refused refused) {
            fail(refused.getMessage());
            return refused.getMessage();
        }
    }

    /** Takes the connection over, on its event loop. False if the move has ended meanwhile. */
    boolean receive(ClientSession session) {
        synchronized (this) {
            if (phase != Phase.PREPARING) {
                return false;
            }
            channel = session.channel();
            connected = true;
            phase = Phase.RECEIVING;
        }
        heardNanos = services.clock().nanos();
        services.connector().takeOver(session, this);
        job.reach(JobState.RECEIVING_SNAPSHOT, services.clock().unixMs());
        return true;
    }

    // ---- the stream, on the connection's event loop

    @Override
    public boolean takes() {
        heardNanos = services.clock().nanos();
        if (!services.memory().roomLeft(services.clock().unixMs())) {
            fail("Ran out of memory (OOM) during slot import");
        }
        return phase == Phase.RECEIVING;
    }

    @Override
    public void readApplied() {
        if (services.propagation().active()) {
            services.propagation().wake();
        }
    }

    @Override
    public boolean current() {
        return phase == Phase.RECEIVING && !services.condition().replica();
    }

    @Override
    public boolean admits(Command<?> command, int slot) {
        return slot >= 0
                ? command.is(CommandFlag.WRITE) && job.slots().contains(slot)
                : command.name().equals("MULTI") || command.name().equals("EXEC");
    }

    @Override
    public void applied(MemorySegment bytes, long from, long length, int database) {
        // the effects are in this node's own history
    }

    @Override
    public void erred(String command, String error) {
        fail("Failed to process command '" + command + "' during slot migration: " + error);
    }

    @Override
    public boolean asks(Request request) {
        return request.is(0, "CLUSTER") && request.count() > 2 && request.is(1, "SYNCSLOTS");
    }

    @Override
    public void asked(Request request) throws StreamException {
        if (request.is(2, "USED")) {
            used(request);
            return;
        }
        job.heard(services.clock().unixMs());
        if (request.is(2, "SYNC")) {
            job.reach(JobState.WAITING_FOR_PAUSED, services.clock().unixMs());
            whenReplicated(settings.patienceNanos(), () -> answer("+SYNCED"));
        } else if (request.is(2, "END")) {
            synchronized (this) {
                if (phase == Phase.RECEIVING) {
                    phase = Phase.COMPLETE;
                }
            }
            whenReplicated(REPLICAS_NANOS_MAX, () -> handOvers.run(this::becomeReady));
        } else {
            throw StreamException.unreadable("an unknown question");
        }
    }

    private void used(Request request) throws StreamException {
        LastUse here = new LastUse(services.memory().policy(), settings.decayMinutes(), services.clock().unixMs());
        if (!here.take(request, job.slots(), services.keyspace())) {
            throw StreamException.unreadable("the last use of a key that does not belong here");
        }
    }

    @Override
    public void ended(String reason) {
        connected = false;
        if (phase == Phase.RECEIVING || phase == Phase.COMPLETE) {
            fail("Connection lost to source (" + reason
                    + "). Check CLUSTER GETSLOTMIGRATIONS on the source node for more information.");
        }
    }

    /** Does something when all replicas that are online have what was applied so far. */
    private void whenReplicated(long patienceNanos, Runnable then) {
        if (!services.propagation().active()) {
            then.run();
            return;
        }
        long offset = services.replicas().offset();
        services.replicas().acknowledgements().ask();
        awaitReplicas(offset, services.clock().nanos() + patienceNanos, then);
    }

    private void awaitReplicas(long offset, long deadlineNanos, Runnable then) {
        if (services.replicas().acknowledgements().allReached(offset)) {
            then.run();
        } else if (services.clock().nanos() - deadlineNanos > 0) {
            fail("The replicas of the target are too far behind");
        } else if (phase != Phase.OVER) {
            channel.eventLoop().schedule(() -> awaitReplicas(offset, deadlineNanos, then), 1, TimeUnit.MILLISECONDS);
        }
    }

    private void answer(String line) {
        Channel open = channel;
        open.writeAndFlush(ByteBufUtil.writeAscii(open.alloc(), line + "\r\n"));
    }

    private void becomeReady() {
        try {
            long epoch = steps.prepare(job.plan());
            synchronized (this) {
                if (phase != Phase.COMPLETE) {
                    return;
                }
                phase = Phase.READY;
            }
            job.reach(JobState.FAILOVER_REQUESTED, services.clock().unixMs());
            askedNanos = services.clock().nanos();
            answer("+READY " + epoch);
        } catch (HandOverSteps.Refused refused) {
            fail(refused.getMessage());
        }
    }

    // ---- the end

    /** Claims the slots, which the source has granted; returns the error to answer, or null. On a thread of its own. */
    String claim(long epoch) {
        synchronized (this) {
            if (phase != Phase.READY) {
                return phase == Phase.OVER && claimed ? null
                        : phase == Phase.OVER ? "NOCLAIM " + job.message() : "TRYAGAIN the move is not complete";
            }
            phase = Phase.CLAIMING;
        }
        job.reach(JobState.FAILOVER_GRANTED, services.clock().unixMs());
        // nothing may remove the keys between the last look and the claim
        services.condition().hold(job.name(), job.slots());
        try {
            services.barrier().await(job.slots());
            return claimNow(epoch);
        } finally {
            services.condition().release(job.name());
        }
    }

    private String claimNow(long epoch) {
        String refusal = doomed();
        if (refusal == null) {
            try {
                steps.claim(job.plan(), epoch);
                succeed();
                return null;
            } catch (HandOverSteps.Refused refused) {
                refusal = refused.getMessage();
                if (!refused.forGood()) {
                    phase = Phase.READY;
                    return refusal;
                }
            }
        }
        phase = Phase.READY;
        fail(refusal);
        return "NOCLAIM " + refusal;
    }

    private synchronized String doomed() {
        return doomed;
    }

    private void succeed() {
        synchronized (this) {
            claimed = true;
            phase = Phase.OVER;
        }
        slots.keep(job.plan());
        if (job.end(JobState.SUCCESS, "", services.clock().unixMs())) {
            services.log().notice("Slot migration " + job + " finished. State: success, Message: none");
        }
        close();
    }

    /** Ends the move and has removed what has come; does nothing when it is too late for that. From any thread. */
    void fail(String why) {
        synchronized (this) {
            if (phase == Phase.CLAIMING) {
                doomed = why;
                return;
            }
            if (phase == Phase.OVER) {
                return;
            }
            phase = Phase.OVER;
        }
        job.reach(JobState.CLEANING_UP, services.clock().unixMs());
        workers.run(() -> cleanUp(why));
    }

    private void cleanUp(String why) {
        close();
        slots.remove(job.plan());
        if (job.end(JobState.FAILED, why, services.clock().unixMs())) {
            services.log().warning("Slot migration " + job + " finished. State: failed, Message: " + why);
        }
    }

    private void close() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    // ---- as time goes by

    /** Looks whether the move still makes sense; called now and then. */
    void look() {
        if (phase == Phase.OVER || phase == Phase.CLAIMING) {
            return;
        }
        if (!steps.view().myself().isPrimary()) {
            fail("This node is no primary any more");
            return;
        }
        NodeView owner = steps.owner(job.slots());
        if (owner != null && !owner.id().equals(job.plan().source())) {
            fail("Slots are no longer owned by source node");
        } else if (phase == Phase.READY && !connected && services.clock().nanos() - askedNanos > ASK_NANOS) {
            askedNanos = services.clock().nanos();
            workers.run(this::askSource);
        } else if (phase == Phase.RECEIVING && services.clock().nanos() - heardNanos > settings.patienceNanos()) {
            fail("Timed out after too long with no interaction");
        }
    }

    /** Whether the source knows of the move: if not, it has not granted the slots and never will. */
    private void askSource() {
        NodeView source = steps.view().node(job.plan().source());
        if (source == null) {
            return;
        }
        try (PeerConnection connection = PeerConnection.open(HandOverSteps.address(source), settings)) {
            String answer = connection.ask("CLUSTER", "SYNCSLOTS", "STATUS", "NAME", job.name());
            job.heard(services.clock().unixMs());
            if (answer.equals("UNKNOWN")) {
                fail("The source has given the move up");
            }
        } catch (IOException _) {
            // it may come back and still have granted the slots
        }
    }
}
