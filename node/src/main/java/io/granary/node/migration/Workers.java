package io.granary.node.migration;

import io.granary.node.fault.Faults;
import io.granary.node.priority.ThreadPriority;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for what moves of slots have to wait for: other nodes, the disk, the removal of many keys. */
final class Workers implements AutoCloseable {

    private static final long IDLE_SECONDS = 10;

    private final Faults faults;
    private final ExecutorService threads;

    Workers(String name, int threadsMax, ThreadPriority priority, Faults faults) {
        this.faults = faults;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threadsMax, threadsMax, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                priority.factory(Thread.ofPlatform().daemon().name(name, 0)));
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
    }

    /** Does something soon; nothing any more when the node ends. */
    void run(Runnable task) {
        try {
            threads.execute(() -> guarded(task));
        } catch (RejectedExecutionException _) {
            // the node ends
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error fault) {
            faults.report("a move of slots", fault);
        }
    }

    /** Waits for what has begun. */
    @Override
    public void close() {
        threads.close();
    }
}
