package io.granary.node.priority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ThreadPriorityTest {

    private static final int SCHED_OTHER = 0;
    private static final int SCHED_BATCH = 3;

    /** What the kernel says of a thread: its share, in steps of "nice", and its policy. */
    private record Scheduling(int nice, int policy) {

        private static final int NICE = 18;   // counted as in proc(5), less one
        private static final int POLICY = 40;

        private static Scheduling ofThisThread() throws Exception {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            String[] behindTheName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return new Scheduling(Integer.parseInt(behindTheName[NICE - 2]), Integer.parseInt(behindTheName[POLICY - 2]));
        }
    }

    @Test
    void workInTheBackgroundHasASmallerShareFromItsFirstStepOn() throws Exception {
        Scheduling own = ofAPlainThread();
        assumeTrue(own.policy() == SCHED_OTHER, "the tests run with another policy, which is kept");

        Scheduling given = on(Executors.newSingleThreadExecutor(
                ThreadPriority.BACKGROUND.factory(Thread.ofPlatform().name("in the background"))));

        assertThat(given).isEqualTo(new Scheduling(Math.min(19, own.nice() + 5), SCHED_BATCH));
    }

    @Test
    void whatServesClientsKeepsItsShare() throws Exception {
        Scheduling own = ofAPlainThread();

        assertThat(on(Executors.newSingleThreadExecutor(ThreadPriority.PROMPT.factory(Thread.ofPlatform()))))
                .isEqualTo(own);
    }

    @Test
    void aPolicyThatSomebodyHasChosenStays() throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor(
                ThreadPriority.BACKGROUND.factory(Thread.ofPlatform()));
        background.submit(ThreadPriority.BACKGROUND::take).get(10, TimeUnit.SECONDS);
        Scheduling twice = on(background);

        assertThat(twice.nice()).isLessThanOrEqualTo(Math.min(19, ofAPlainThread().nice() + 5));
    }

    private static Scheduling ofAPlainThread() throws Exception {
        return on(Executors.newSingleThreadExecutor());
    }

    private static Scheduling on(ExecutorService thread) throws Exception {
        try (thread) {
            CompletableFuture<Scheduling> told = new CompletableFuture<>();
            thread.execute(() -> {
                try {
                    told.complete(Scheduling.ofThisThread());
                } catch (Exception failure) {
                    told.completeExceptionally(failure);
                }
            });
            return told.get(10, TimeUnit.SECONDS);
        }
    }
}
