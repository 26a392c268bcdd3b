package io.granary.node.client;

import io.granary.node.Clock;
import io.granary.node.config.OutputBufferLimits;
import io.granary.node.fault.Faults;
import io.granary.node.log.NodeLog;
import io.granary.resp.RequestLimits;
import io.granary.slots.keyspace.Keyspace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** All clients that are connected now, in the order of their ids, and the limits that hold for each of them. */
public final class ClientRegistry {

    private static final long FOREIGN_WARNING_MS = 60_000;

    private final ConcurrentHashMap<Long, ClientSession> sessions = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong foreignWarnedMs = new AtomicLong();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder wrongPasswords = new LongAdder();
    private final LongAdder inputLimitHits = new LongAdder();
    private final LongAdder outputLimitHits = new LongAdder();
    private final LongAdder replicaErrors = new LongAdder();
    private final ClientLimits limits;
    private final Monitors monitors = new Monitors();
    private final Keyspace keyspace;
    private final Clock clock;
    private final Faults faults;
    private final NodeLog log;

    public ClientRegistry(ClientLimits limits, Keyspace keyspace, Clock clock, Faults faults, NodeLog log) {
        this.limits = limits;
        this.keyspace = keyspace;
        this.clock = clock;
        this.faults = faults;
        this.log = log;
    }

    /** Counts a connection that has just been made; false if there are more than {@code maxclients} and some that wait. */
    boolean opened(int waitingMax) {
        if (open.incrementAndGet() <= limits.clientsMax() + waitingMax) {
            return true;
        }
        closed();
        rejected.increment();
        return false;
    }

    /** Counts a connection that has been closed. */
    void closed() {
        open.decrementAndGet();
    }

    /** The id of a connection that has just been made: later ones have higher ids. */
    long nextId() {
        return ids.incrementAndGet();
    }

    void add(ClientSession session) {
        accepted.increment();
        sessions.put(session.id(), session);
    }

    /** Adds the session of this node's primary, which nobody has accepted. */
    void addPrimary(ClientSession session) {
        sessions.put(session.id(), session);
    }

    void remove(ClientSession session) {
        sessions.remove(session.id());
    }

    /** Whether one more client would be one too many; counts the refusal. */
    boolean full() {
        if (sessions.size() < limits.clientsMax()) {
            return false;
        }
        rejected.increment();
        return true;
    }

    Keyspace keyspace() {
        return keyspace;
    }

    long nowMs() {
        return clock.unixMs();
    }

    public Monitors monitors() {
        return monitors;
    }

    public ClientSession find(long id) {
        return sessions.get(id);
    }

    /** Closes clients that have not called since that time; those that only listen, and those that wait for us, stay. */
    public void closeIdle(long sinceMs) {
        for (ClientSession session : sessions.values()) {
            if (session.profile().lastActiveMs() < sinceMs && !session.profile().monitor()
                    && !session.suspension().suspended() && session.follower() == null && !session.ofPrimary()) {
                log.verbose("Closing idle client");
                session.close();
            }
        }
    }

    public int size() {
        return sessions.size();
    }

    /** How many are connected, replicas not counted. */
    public int clientCount() {
        return (int) sessions.values().stream().filter(session -> session.follower() == null).count();
    }

    /** All sessions by ascending id. */
    public List<ClientSession> all() {
        List<ClientSession> all = new ArrayList<>(sessions.values());
        all.sort(Comparator.comparingLong(ClientSession::id));
        return all;
    }

    /** The longest input that waits at a client, in bytes. */
    public long largestInputBytes() {
        return sessions.values().stream().mapToLong(ClientSession::inputBytes).max().orElse(0);
    }

    /** The longest output that waits at a client, in bytes. */
    public long largestOutputBytes() {
        return sessions.values().stream().mapToLong(ClientSession::outputBytes).max().orElse(0);
    }

    /** Memory that the requests and replies of all clients but replicas hold, in bytes. */
    public long bufferBytes() {
        return bufferBytes(false);
    }

    /**
     * Memory that the requests of replicas hold and what is on its way to them, in bytes; the log's blocks are not theirs.
     */
    public long replicaBufferBytes() {
        return bufferBytes(true);
    }

    private long bufferBytes(boolean replicas) {
        long sum = 0;
        for (ClientSession session : sessions.values()) {
            if (session.follower() != null == replicas) {
                sum += session.inputCapacity() + session.outputBytes() + session.transaction().bytes();
            }
        }
        return sum;
    }

    /** Clients whose command is answered later. */
    public int blockedCount() {
        return (int) sessions.values().stream().filter(session -> session.suspension().blocked() != null).count();
    }

    /** Clients that watch a key. */
    public long watchingCount() {
        return sessions.values().stream().filter(session -> session.profile().watched() > 0).count();
    }

    /** Keys that clients watch, those of several clients counted for each. */
    public long watchedKeys() {
        return sessions.values().stream().mapToLong(session -> session.profile().watched()).sum();
    }

    public long acceptedCount() {
        return accepted.sum();
    }

    public long rejectedCount() {
        return rejected.sum();
    }

    /** Notes that a client could not prove who it is. */
    public void wrongPassword() {
        wrongPasswords.increment();
    }

    public long wrongPasswords() {
        return wrongPasswords.sum();
    }

    public long inputLimitHits() {
        return inputLimitHits.sum();
    }

    public long outputLimitHits() {
        return outputLimitHits.sum();
    }

    /** Forgets what was counted: CONFIG RESETSTAT. */
    public void resetCounts() {
        accepted.reset();
        rejected.reset();
        inputLimitHits.reset();
        outputLimitHits.reset();
        replicaErrors.reset();
    }

    RequestLimits limits(boolean authenticated) {
        return limits.requests(authenticated);
    }

    long inputBytesMax(boolean authenticated) {
        return limits.inputBytesMax(authenticated);
    }

    /** Notes that the client sent more than it may. */
    public void inputTooLong(ClientSession session) {
        inputLimitHits.increment();
        log.warning("Closing client that reached max query buffer length: " + ClientText.of(session));
    }

    /** Closes clients that have not read their replies for longer than they may. */
    public void closeSlow() {
        if (limits.output().soft() == 0) {
            return;
        }
        for (ClientSession session : sessions.values()) {
            if (session.follower() == null && session.outputBytes() > limits.output().soft()) {
                session.closeIfSlow();
            }
        }
    }

    /** Whether the client has to go since so many bytes wait for it: {@code client-output-buffer-limit normal}. */
    boolean outputTooMuch(ClientSession session, long waiting) {
        OutputBufferLimits.Limit limit = limits.output();
        if (limit.hard() == 0 && limit.soft() == 0) {
            return false;
        }
        boolean tooMuch = limit.hard() != 0 && waiting > limit.hard() || tooLong(session, limit, waiting);
        if (tooMuch) {
            outputTooLong(session);
        }
        return tooMuch;
    }

    private boolean tooLong(ClientSession session, OutputBufferLimits.Limit limit, long waiting) {
        if (limit.soft() == 0 || waiting <= limit.soft()) {
            session.overSoftLimitSince(0);
            return false;
        }
        long now = clock.nanos();
        if (session.overSoftLimitSince() == 0) {
            session.overSoftLimitSince(now);
        }
        return now - session.overSoftLimitSince() > TimeUnit.SECONDS.toNanos(limit.softSeconds());
    }

    void outputTooLong(ClientSession session) {
        outputLimitHits.increment();
        log.warning("Client " + ClientText.of(session) + " scheduled to be closed ASAP for overcoming of output buffer limits.");
    }

    /** Notes a replica that sent what can only be answered with an error. */
    void replicaErred(ClientSession session, String error) {
        replicaErrors.increment();
        log.warning("== CRITICAL == This master is sending an error to its replica: '" + error
                + "' after processing the command '" + lastCommand(session) + "'");
    }

    /** How many replicas have sent such a thing. */
    public long replicaErrors() {
        return replicaErrors.sum();
    }

    /** Notes a replica that sent what has to be answered, and therefore has to go. */
    void replicaExpectsReply(ClientSession session) {
        log.warning("Replica generated a reply to command '" + lastCommand(session)
                + "', disconnecting it: " + ClientText.of(session));
    }

    private static String lastCommand(ClientSession session) {
        return session.profile().lastCommand() == null ? "<unknown>" : ClientText.lastCommand(session.profile());
    }

    /** Notes what has broken a connection, or a fault of our own that ends it. */
    void failed(ClientSession session, Throwable cause) {
        if (cause instanceof java.io.IOException) {
            log.verbose("Reading from client: " + cause.getMessage());
        } else {
            faults.report("client " + session.id() + ", which is closed", cause);
        }
    }

    /** Tells of bytes that were no request. */
    public void protocolError(ClientSession session, String text) {
        log.verbose(text + " from client: " + ClientText.of(session));
    }

    /**
     * Warns of a client that speaks HTTP, since somebody may be attacking; once a minute, so that he cannot fill the log.
     */
    public void foreignProtocol(ClientSession session) {
        long now = clock.unixMs();
        long last = foreignWarnedMs.get();
        if (now - last < FOREIGN_WARNING_MS || !foreignWarnedMs.compareAndSet(last, now)) {
            return;
        }
        log.warning("Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis."
                + " This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your"
                + " Redis instance. Connection from " + session.profile().address() + " aborted.");
    }
}
