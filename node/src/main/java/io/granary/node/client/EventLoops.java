package io.granary.node.client;

import io.granary.node.Clock;
import io.granary.node.dispatch.DispatchServices;
import io.granary.node.dispatch.Dispatcher;
import io.granary.node.metrics.LoopStatistics;
import io.granary.node.metrics.SlotCounts;
import io.granary.node.priority.ThreadPriority;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The event loops of a node that serve clients, each with a dispatcher and buffers of its own. */
public final class EventLoops implements AutoCloseable {

    /** Pages of 8 KiB in runs of 256 KiB: clients hold little memory for long, and bigger pieces are made apart. */
    private static final int POOL_PAGE_BYTES = 8 * 1024;
    private static final int POOL_ORDER = 5;

    private final EventLoopGroup group;
    private final Transport transport;
    private final ByteBufAllocator allocator;
    private final Clock clock;
    /** The loop that does the node's chores, so that no two of them ever run at the same time. */
    private final EventExecutor choreLoop;
    private final Map<EventExecutor, Loop> loops = new IdentityHashMap<>();
    private final List<LoopStatistics> statistics = new ArrayList<>();

    /** What belongs to one event loop. */
    record Loop(Dispatcher dispatcher, LoopBuffers buffers) {}

    public EventLoops(int count, Transport transport, DispatchServices services, Clock clock,
            Supplier<RandomGenerator> randoms) {
        this.transport = transport;
        this.clock = clock;
        allocator = new PooledByteBufAllocator(
                true, 0, count, POOL_PAGE_BYTES, POOL_ORDER, 0, PooledByteBufAllocator.defaultNormalCacheSize(), true);
        group = new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory("clients", true), transport.ioHandlerFactory());
        for (EventExecutor executor : group) {
            LoopBuffers buffers = new LoopBuffers(allocator);
            Dispatcher dispatcher = new Dispatcher(services, buffers, randoms.get());
            statistics.add(dispatcher.statistics());
            loops.put(executor, new Loop(dispatcher, buffers));
            executor.execute(ThreadPriority.PROMPT::take);
        }
        choreLoop = group.next();
    }

    Loop of(EventLoop eventLoop) {
        return loops.get(eventLoop);
    }

    EventLoopGroup group() {
        return group;
    }

    Transport transport() {
        return transport;
    }

    /** Where the buffers of connections come from. */
    public ByteBufAllocator allocator() {
        return allocator;
    }

    public List<LoopStatistics> statistics() {
        return statistics;
    }

    /** What the loops have counted of each slot; none without a cluster. */
    public List<SlotCounts> slotCounts() {
        return loops.values().stream().map(loop -> loop.dispatcher().slotCounts()).filter(Objects::nonNull).toList();
    }

    public int count() {
        return loops.size();
    }

    /** Runs a task, which must not throw, again and again, always on the same loop. */
    public void every(long periodMs, Runnable task) {
        choreLoop.scheduleAtFixedRate(() -> timed(task), periodMs, periodMs, TimeUnit.MILLISECONDS);
    }

    /** Runs a task once, on the loop of {@link #every}. */
    public void after(long delayMs, Runnable task) {
        choreLoop.schedule(() -> timed(task), delayMs, TimeUnit.MILLISECONDS);
    }

    /** Has each loop do a short task when it comes to it. */
    public void each(Runnable task) {
        group.forEach(loop -> loop.execute(task));
    }

    private void timed(Runnable task) {
        long start = clock.nanos();
        task.run();
        loops.get(choreLoop).dispatcher().statistics().chore(clock.nanos() - start);
    }

    /** Ends the loops; connections must be closed before. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        loops.values().forEach(loop -> loop.buffers().close());
    }
}
