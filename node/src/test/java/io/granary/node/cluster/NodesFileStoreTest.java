package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.Output;
import io.granary.node.log.NodeLog;
import io.granary.persistence.disk.Disk;
import io.granary.persistence.disk.FileDisk;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is synced, and what is only written. */
class NodesFileStoreTest {

    private record Ended(long generation, IOException failure) {}

    @TempDir
    private Path folder;

    private final BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
    private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
    private final Semaphore writes = new Semaphore(1000);
    private volatile boolean full;
    private NodesFileStore store;

    @BeforeEach
    void open() {
        store = new NodesFileStore(watched(new FileDisk()), folder.resolve("nodes.conf"), NodeLog.silent());
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** A disk that notes syncs, can be held up before it writes, and can be full. */
    private Disk watched(Disk disk) {
        Class<?>[] interfaces = {Disk.class};
        return (Disk) Proxy.newProxyInstance(Disk.class.getClassLoader(), interfaces, (_, method, words) -> {
            if (method.getName().equals("write")) {
                deeds.add("write");
                assertThat(writes.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
                if (full) {
                    throw new IOException("No space left on device");
                }
            } else if (method.getName().startsWith("sync")) {
                deeds.add(method.getName());
            }
            try {
                return method.invoke(disk, words);
            } catch (InvocationTargetException failure) {
                throw failure.getCause();
            }
        });
    }

    private void save(long generation, boolean synced) {
        store.save(new Output.Save(generation, "generation " + generation, synced),
                (stored, failure) -> ended.add(new Ended(stored, failure)));
    }

    private Ended next() throws InterruptedException {
        return ended.poll(10, TimeUnit.SECONDS);
    }

    private String copy() throws IOException {
        return Files.readString(folder.resolve("nodes.conf.bak"));
    }

    @Test
    void aSaveThatNeedNotBeSyncedIsWrittenAndNothingWaitsForTheDisk() throws Exception {
        save(1, false);
        assertThat(next()).isEqualTo(new Ended(1, null));
        assertThat(Files.readString(folder.resolve("nodes.conf"))).isEqualTo("generation 1");
        assertThat(deeds).containsExactly("write");
    }

    @Test
    void aSaveThatMustBeSyncedIsWhateverTakesItsPlace() throws Exception {
        writes.drainPermits();
        save(1, false);
        assertThat(deeds.poll(10, TimeUnit.SECONDS)).isEqualTo("write");
        save(2, true);
        save(3, false);
        writes.release(10);
        assertThat(next()).isEqualTo(new Ended(1, null));
        assertThat(next()).isEqualTo(new Ended(3, null));
        assertThat(copy()).isEqualTo("generation 3");
        assertThat(deeds).contains("sync", "syncDirectory");
    }

    @Test
    void whatCouldNotBeSyncedIsSyncedWithTheNextSave() throws Exception {
        full = true;
        save(1, true);
        assertThat(next().failure()).hasMessageContaining("No space left");
        save(2, false);
        assertThat(next().failure()).hasMessageContaining("No space left");
        full = false;
        save(3, false);
        assertThat(next()).isEqualTo(new Ended(3, null));
        assertThat(copy()).isEqualTo("generation 3");
        deeds.clear();
        save(4, false);
        assertThat(next()).isEqualTo(new Ended(4, null));
        assertThat(deeds).containsExactly("write");
    }
}
