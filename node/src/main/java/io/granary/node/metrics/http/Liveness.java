package io.granary.node.metrics.http;

import io.granary.node.client.EventLoops;
import io.granary.node.dispatch.NodeCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Whether a node works: every event loop of clients takes a task and does it. Asked on the thread of the metrics port alone;
 * a loop that hangs is asked once, however often its node is.
 */
public final class Liveness {

    private static final long PATIENCE_MS = 2000;
    private static final long POLL_MS = 5;

    private final NodeCondition condition;
    private final EventLoops loops;
    private Round round;

    public Liveness(NodeCondition condition, EventLoops loops) {
        this.condition = condition;
        this.loops = loops;
    }

    /** One task for each loop, and who waits for their end. */
    private final class Round {
        private final AtomicInteger missing = new AtomicInteger(loops.count());
        private final List<Consumer<String>> waiting = new ArrayList<>();
        private long polls;
    }

    /** Has what stands against it told, empty if nothing, within a short time. */
    void ask(ScheduledExecutorService executor, Consumer<String> told) {
        if (condition.halted()) {
            told.accept("stopped after an internal fault");
            return;
        }
        if (round == null || round.missing.get() == 0) {
            round = new Round();
            loops.each(round.missing::decrementAndGet);
        }
        round.waiting.add(told);
        if (round.waiting.size() == 1) {
            round.polls = 0;
            poll(executor, round);
        }
    }

    private void poll(ScheduledExecutorService executor, Round asked) {
        int missing = asked.missing.get();
        if (missing > 0 && asked.polls++ < PATIENCE_MS / POLL_MS) {
            executor.schedule(() -> poll(executor, asked), POLL_MS, TimeUnit.MILLISECONDS);
            return;
        }
        String reason = missing == 0 ? ""
                : missing + " of " + loops.count() + " event loops have not answered for " + PATIENCE_MS + " ms";
        List<Consumer<String>> waiting = List.copyOf(asked.waiting);
        asked.waiting.clear();
        waiting.forEach(each -> each.accept(reason));
    }
}
