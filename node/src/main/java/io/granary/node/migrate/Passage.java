package io.granary.node.migrate;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeView;
import io.granary.node.commands.ValuePayload;
import io.granary.resp.RequestEncoder;
import io.granary.slots.SlotSet;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import io.granary.slots.keyspace.StripeLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One transfer on its way, on a thread of its own.
 *
 * <p>WHAT REDIS PROMISES. Its MIGRATE stops the whole server, so nobody writes to a key between the moment in which it is
 * read and that in which it is gone, and whoever finds it missing here can find it there.
 *
 * <p>HOW IT IS KEPT HERE, with no lock held while another server is waited for. Writes to the slot are held ({@link
 * io.granary.node.dispatch.NodeCondition#hold}) from before the first key is read until the last one is gone; reads go on,
 * and see the keys as long as they are here. Writes that were under way are waited for first. So a value that was sent is
 * the value until it is removed, unless it goes by itself (its time comes, memory runs out, all keys are flushed), which is
 * as if that had come after the transfer. A client that wrote to the slot waits, and is sent after its key when that has
 * gone.
 *
 * <p>WHAT IS MORE THAN REDIS DOES. A key is in danger at two moments. When the target has it and its replicas have not: the
 * target dies, and the key is removed here, so it is nowhere. And when it is gone here and our replicas have not heard of
 * it: this node dies, a replica takes its place with the old value and hides what was written there since. So the target is
 * asked to wait for its replicas before the keys are removed (WAIT, which any Redis knows), and clients are not sent to the
 * target before our own replicas know that they have gone. Both waits are bounded; after them it is as in Redis.
 * If the target is lost during its wait the keys stay here, and may be there as well: the value at the source counts.
 *
 * <p>Many keys go in pieces, each sent as a whole before its answers are read, and removed before the next is sent: an error
 * leaves each key in one place.
 */
final class Passage {

    private static final int PIECE_KEYS = 256;
    private static final long PIECE_BYTES = 1024 * 1024;
    /** How long replicas are waited for, here and there. */
    private static final long REPLICAS_MS = 1000;

    private final TransferServices services;
    private final TargetConnections connections;
    private final Transfer transfer;
    private final String name;
    private final Keyspace keyspace;
    private final int targetReplicas;
    private TargetConnection target;
    private boolean mayReconnect = true;

    /** @param name under which writes are held */
    Passage(TransferServices services, TargetConnections connections, Transfer transfer, String name) {
        this.services = services;
        this.connections = connections;
        this.transfer = transfer;
        this.name = name;
        keyspace = services.keyspace();
        targetReplicas = transfer.copy() ? 0 : replicasOfTarget(services.view().get());
    }

    /** How many replicas the target has that answer, as far as it is a node of this cluster. */
    private int replicasOfTarget(ClusterView view) {
        if (view == null) {
            return 0;
        }
        for (NodeView node : view.nodes()) {
            boolean named = node.ip().equals(transfer.host()) || node.hostname().equals(transfer.host());
            if (named && node.port() == transfer.port()) {
                return (int) view.replicasOf(node.id()).stream()
                        .filter(each -> !each.is(NodeFlag.FAIL) && !each.is(NodeFlag.PFAIL)).count();
            }
        }
        return 0;
    }

    void run() throws TransferException {
        target = connections.take(transfer.host(), transfer.port());
        if (target == null) {
            connect();
        }
        SlotSet slot = SlotSet.of(transfer.slot());
        services.condition().hold(name, slot);
        boolean whole = false;
        try {
            services.barrier().await(slot);
            for (int from = 0; from < transfer.keys().size();) {
                from = sendPiece(from);
            }
            whole = true;
        } finally {
            services.condition().release(name);
            if (whole) {
                connections.keep(transfer.host(), transfer.port(), target);
            } else if (target != null) {
                target.close();
            }
        }
    }

    private void connect() throws TransferException {
        target = TargetConnection.open(transfer.host(), transfer.port(), transfer.timeoutMs());
    }

    /** Sends some keys and removes them here; returns where the next piece begins. */
    private int sendPiece(int from) throws TransferException {
        while (true) {
            List<byte[]> sent = new ArrayList<>();
            try {
                int next = send(from, sent);
                settle(sent);
                return next;
            } catch (TransferException e) {
                // a connection that was kept may be gone, and it tells only now
                if (e.isFinal() || !mayReconnect || from > 0) {
                    throw e;
                }
                mayReconnect = false;
                target.close();
                connect();
            }
        }
    }

    // ---- sending ----

    private int send(int from, List<byte[]> sent) throws TransferException {
        greet();
        long bytes = 0;
        int next = from;
        while (next < transfer.keys().size() && sent.size() < PIECE_KEYS && bytes < PIECE_BYTES) {
            byte[] key = transfer.keys().get(next++);
            long length = send(key);
            if (length > 0) {
                sent.add(key);
                bytes += length;
            }
        }
        if (targetReplicas > 0 && !sent.isEmpty()) {
            put(RequestEncoder.encode("WAIT", Integer.toString(targetReplicas), Long.toString(REPLICAS_MS)));
        }
        target.flush(transfer.timeoutMs());
        return next;
    }

    /** Logs in and selects where the keys go to; unlike Redis, whose keys may go elsewhere if that is refused. */
    private void greet() throws TransferException {
        boolean selecting = target.database() != transfer.targetDatabase();
        if (transfer.password() != null) {
            put(transfer.user() == null ? RequestEncoder.encode("AUTH", transfer.password())
                    : RequestEncoder.encode("AUTH", transfer.user(), transfer.password()));
        }
        if (selecting) {
            put(RequestEncoder.encode("SELECT", Long.toString(transfer.targetDatabase())));
        }
        if (selecting || transfer.password() != null) {
            target.flush(transfer.timeoutMs());
            String login = transfer.password() == null ? null : refusal(answer());
            String selection = selecting ? refusal(answer()) : null;
            if (login != null || selection != null) {
                throw TransferException.refused(login != null ? login : selection);
            }
            target.database((int) transfer.targetDatabase());
        }
    }

    /** Sends a key; returns the length of what is said of its value, 0 if the key is gone. */
    private long send(byte[] key) throws TransferException {
        try (Arena arena = Arena.ofConfined()) {
            long ttlMs = 0;
            MemorySegment payload;
            StripeLock lock = keyspace.lock(transfer.slot());
            lock.lock();
            try {
                SlotStore store = keyspace.store(transfer.database(), transfer.slot());
                long record = store.find(key);
                long expiryMs = record == SlotStore.NONE ? -1 : store.expiry(record);
                if (expiryMs >= 0) {
                    ttlMs = Math.max(0, expiryMs - services.clock().unixMs());
                }
                if (record == SlotStore.NONE || expiryMs >= 0 && ttlMs == 0) {
                    return 0;
                }
                payload = ValuePayload.of(store, record, services.packs().value(), arena);
            } finally {
                lock.unlock();
            }
            send(key, ttlMs, payload);
            return payload.byteSize();
        }
    }

    private void send(byte[] key, long ttlMs, MemorySegment payload) throws TransferException {
        String ttl = Long.toString(ttlMs);
        String command = keyspace.clustered() ? "$14\r\nRESTORE-ASKING\r\n" : "$7\r\nRESTORE\r\n";
        put(ascii("*" + (transfer.replace() ? 5 : 4) + "\r\n" + command + "$" + key.length + "\r\n"));
        put(key);
        put(ascii("\r\n$" + ttl.length() + "\r\n" + ttl + "\r\n$" + payload.byteSize() + "\r\n"));
        put(payload);
        put(ascii(transfer.replace() ? "\r\n$7\r\nREPLACE\r\n" : "\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void put(byte[] bytes) throws TransferException {
        put(MemorySegment.ofArray(bytes));
    }

    private void put(MemorySegment bytes) throws TransferException {
        target.write(bytes, transfer.timeoutMs());
    }

    // ---- what came of it ----

    /** Reads the answers to a piece, and removes what has arrived. */
    private void settle(List<byte[]> sent) throws TransferException {
        String refused = null;
        List<byte[]> arrived = new ArrayList<>();
        TransferException broken = null;
        try {
            for (byte[] key : sent) {
                String line = refusal(answer());
                refused = refused == null ? line : refused;
                if (line == null) {
                    arrived.add(key);
                    mayReconnect = false;
                }
            }
            if (targetReplicas > 0 && !sent.isEmpty()) {
                target.readLine(transfer.timeoutMs() + REPLICAS_MS);
            }
        } catch (TransferException e) {
            broken = e;
        }
        // a target that is gone before it said that its replicas have the keys may have taken them along
        boolean safe = targetReplicas == 0 || broken == null;
        if (!transfer.copy() && !arrived.isEmpty() && safe) {
            remove(arrived);
        }
        if (refused != null) {
            throw TransferException.refused(refused);
        }
        if (broken != null) {
            throw broken;
        }
    }

    private String answer() throws TransferException {
        return target.readLine(transfer.timeoutMs());
    }

    /** The error that an answer is, or null. */
    private static String refusal(String line) {
        return line.startsWith("-") ? line.substring(1) : null;
    }

    /** Removes the keys, and waits until the replicas know. */
    private void remove(List<byte[]> arrived) throws TransferException {
        StripeLock lock = keyspace.lock(transfer.slot());
        lock.lock();
        try {
            if (services.condition().replica() || services.condition().halted()) {
                throw TransferException.deposed();
            }
            SlotStore store = keyspace.store(transfer.database(), transfer.slot());
            arrived.forEach(key -> remove(store, key));
        } finally {
            lock.unlock();
        }
        services.log().wake();
        if (keyspace.clustered()) {
            services.replicas().acknowledgements().awaitAll(REPLICAS_MS);
        }
    }

    private void remove(SlotStore store, byte[] key) {
        long record = store.find(key);
        if (record != SlotStore.NONE) {
            synchronized (services.removals()) {
                services.removals().visit(store, record);
            }
            store.remove(record, store.hash(record));
            store.touched(MemorySegment.ofArray(key), 0, key.length);
        }
    }
}
