package io.granary.tools.backup;

import io.granary.persistence.rdb.RdbException;
import io.granary.persistence.rdb.RdbReader;
import io.granary.slots.Slot;
import io.granary.tools.client.Access;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.StopSign;
import io.granary.tools.cluster.Survey;
import io.granary.tools.cluster.Together;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Writes RDBs into a cluster: each key goes to the owner of its slot, however the cluster was cut when they were saved. */
public final class Restoration {

    private final NodeReport[] owners = new NodeReport[Slot.COUNT];
    private final Access access;
    private final boolean replace;
    private final AtomicLong keys = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong libraries = new AtomicLong();
    private final Map<Path, Long> read = new ConcurrentHashMap<>();
    private final StopSign stop = new StopSign();
    private volatile long bytesInAll;

    /** @param replace whether keys of the same name in the cluster give way; else they are an error */
    public Restoration(Survey survey, Access access, boolean replace) {
        this.access = access;
        this.replace = replace;
        survey.primaries().forEach(primary -> primary.slots().forEach(slot -> owners[slot] = primary));
    }

    /** Reads all files at once. */
    public void run(List<Path> files) throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        bytesInAll = bytes;
        List<Together.Task> tasks = new ArrayList<>();
        files.forEach(file -> tasks.add(() -> read(file)));
        Together.run(tasks, stop);
    }

    private void read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                RdbReader reader = new RdbReader(channel, channel.size(), true, 1);
                KeySender sender = new KeySender(owners, access, replace, stop, sent -> written(file, reader, sent))) {
            reader.read(sender);
            sender.flush();
            expired.addAndGet(sender.expired());
            libraries.addAndGet(sender.libraries());
        } catch (RdbException refused) {
            throw new IOException(file.getFileName() + ": " + refused.getMessage(), refused);
        }
    }

    private void written(Path file, RdbReader reader, long someKeys) {
        keys.addAndGet(someKeys);
        read.put(file, reader.position());
    }

    /** How much of the files is done, from 0 to 1. */
    public double share() {
        long done = read.values().stream().mapToLong(Long::longValue).sum();
        return bytesInAll == 0 ? 0 : Math.min(1, (double) done / bytesInAll);
    }

    /** Keys written so far. */
    public long keys() {
        return keys.get();
    }

    /** Keys whose time came between backup and restoration. */
    public long expired() {
        return expired.get();
    }

    /** Libraries of functions, which are not restored. */
    public long libraries() {
        return libraries.get();
    }
}
