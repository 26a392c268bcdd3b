package io.granary.node.cluster;

import io.granary.gossip.Gossip;
import io.granary.gossip.GossipSettings;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodesFile;
import io.granary.gossip.Output;
import io.granary.node.log.NodeLog;
import io.granary.node.priority.ThreadPriority;
import io.granary.persistence.disk.AtomicFile;
import io.granary.persistence.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * The nodes file on disk: locked, so that no two nodes share it, and written on a thread of its own, because an fsync may
 * take seconds and heartbeats may not wait for it.
 */
final class NodesFileStore {

    /** Told when a generation is stored, or why it is not ({@code failure} is null when it is). */
    @FunctionalInterface
    interface Outcome {
        void of(long generation, IOException failure);
    }

    private record Waiting(Output.Save save, Outcome outcome) {

        /** As this one, for those too who waited for the one before. */
        Waiting replacing(Waiting before) {
            boolean synced = save.synced() || before != null && before.save.synced();
            return new Waiting(new Output.Save(save.generation(), save.text(), synced), outcome);
        }
    }

    private final Disk disk;
    private final AtomicFile file;
    private final NodeLog log;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            ThreadPriority.PROMPT.factory(Thread.ofPlatform().daemon().name("nodes-file")));
    private final AtomicReference<Waiting> waiting = new AtomicReference<>();
    private Closeable lock;
    /** Whether a save failed that had to be synced; the writer's own. */
    private boolean owed;

    NodesFileStore(Disk disk, Path path, NodeLog log) {
        this.disk = disk;
        this.file = new AtomicFile(disk, path);
        this.log = log;
    }

    Path file() {
        return file.file();
    }

    /** Takes the file for this node alone. */
    void lock() throws IOException {
        Path lockFile = file().resolveSibling(file().getFileName() + ".lock");
        lock = disk.tryLock(lockFile).orElseThrow(() -> new IOException("Sorry, the cluster configuration file "
                + file().getFileName() + " is already used by a different Redis Cluster node. Please make sure that "
                + "different nodes use different cluster configuration files."));
    }

    /** The machine that the file describes, or a new one where there is no file. */
    Gossip load(GossipSettings settings, RandomGenerator random) throws IOException {
        byte[] current = read(file.file());
        // a copy alone is no file: whoever removes the file wants a new node
        return switch (NodesFile.load(current, current == null ? null : read(file.copy()))) {
            case NodesFile.Absent _ -> Gossip.fresh(NodeId.random(random), settings, random);
            case NodesFile.Loaded loaded -> {
                if (loaded.warning() != null) {
                    log.warning("The cluster configuration file " + file() + " is damaged, its copy is used: "
                            + loaded.warning());
                }
                yield Gossip.restored(loaded, settings, random);
            }
            case NodesFile.Refused(String reason) -> throw new IOException(
                    "Unrecoverable error: corrupted cluster config file \"" + file() + "\": " + reason);
        };
    }

    private byte[] read(Path path) throws IOException {
        return disk.exists(path) ? disk.read(path) : null;
    }

    /** Writes the file; a text that waits to be written gives way to a newer one, whose outcome then speaks for both. */
    void save(Output.Save save, Outcome outcome) {
        Waiting next = new Waiting(save, outcome);
        if (waiting.getAndUpdate(next::replacing) == null) {
            writer.execute(this::write);
        }
    }

    private void write() {
        Waiting next = waiting.getAndSet(null);
        Output.Save save = next.save();
        boolean synced = save.synced() || owed;
        try {
            byte[] content = save.text().getBytes(StandardCharsets.UTF_8);
            if (synced) {
                file.replace(content);
            } else {
                file.write(content);
            }
            owed = false;
            next.outcome().of(save.generation(), null);
        } catch (IOException failure) {
            owed = synced;
            log.warning("The cluster configuration file " + file() + " cannot be saved: " + failure);
            next.outcome().of(save.generation(), failure);
        }
    }

    /** Writes what is left to be written and lets the file go. */
    void close() {
        writer.shutdown();
        try {
            writer.awaitTermination(5, TimeUnit.SECONDS);
            if (lock != null) {
                lock.close();
            }
        } catch (IOException failure) {
            log.warning("The lock of " + file() + " cannot be released: " + failure);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
