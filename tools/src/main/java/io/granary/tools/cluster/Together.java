package io.granary.tools.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Tasks that run at the same time; all have ended when it returns. */
public final class Together {

    /** What may fail for reasons of the outside world. */
    public interface Task {
        void run() throws IOException;
    }

    private Together() {}

    /** The first failure tells the others to stop and is thrown when they have. */
    public static void run(List<Task> tasks, StopSign stop) throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (Task task : tasks) {
                running.add(CompletableFuture.runAsync(() -> runOne(task, stop), threads));
            }
            awaitAll(running);
        }
    }

    private static void runOne(Task task, StopSign stop) {
        try {
            task.run();
        } catch (IOException | RuntimeException failure) {
            stop.set();
            throw new CompletionException(failure);
        }
    }

    private static void awaitAll(List<CompletableFuture<Void>> running) throws IOException {
        Throwable first = null;
        for (CompletableFuture<Void> each : running) {
            try {
                each.join();
            } catch (CompletionException failure) {
                first = first == null ? failure.getCause() : first;
            }
        }
        if (first instanceof RuntimeException defect) {
            throw defect;
        }
        if (first != null) {
            throw (IOException) first;
        }
    }
}
