package io.granary.node.migrate;

import io.granary.node.client.BlockedClient;
import io.granary.node.client.ClientSession;
import io.granary.resp.ReplyWriter;
import io.granary.slots.command.Errors;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The transfers that are under way or wait for their turn, and the threads that do them. */
public final class Transfers implements AutoCloseable {

    private static final int AT_ONCE = 8;
    private static final int WAITING_MAX = 256;
    private static final long THREAD_KEPT_S = 10;
    private static final long END_S = 30;
    /** The names of keys that wait lie on the heap. */
    private static final long KEY_BYTES_MAX = 32 * 1024 * 1024;

    private final TransferServices services;
    private final TargetConnections connections;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong keyBytes = new AtomicLong();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            AT_ONCE, AT_ONCE, THREAD_KEPT_S, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("migrate-", 1).factory());

    public Transfers(TransferServices services) {
        this.services = services;
        connections = new TargetConnections(services.clock());
        threads.allowCoreThreadTimeOut(true);
    }

    /** The client that has asked for a transfer. */
    private static final class Waiting implements BlockedClient.Ending {

        @Override
        public void timedOut(ReplyWriter reply) {
            reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
        }

        @Override
        public void ended() {
            // the transfer goes on: what has begun to move must end in one place
        }
    }

    /** Begins a transfer, and answers the client when it is over. In the client's command, on its event loop. */
    void begin(ClientSession session, Transfer transfer) {
        long bytes = transfer.bytes();
        if (keyBytes.addAndGet(bytes) > KEY_BYTES_MAX || threads.getQueue().remainingCapacity() < AT_ONCE) {
            keyBytes.addAndGet(-bytes);
            throw Errors.err("too many keys are being migrated, try again later or with fewer at once");
        }
        BlockedClient client = session.suspension().block(0, new Waiting());
        try {
            threads.execute(() -> run(transfer, bytes, client));
        } catch (RejectedExecutionException _) {
            keyBytes.addAndGet(-bytes);
            client.answer(reply -> reply.error("ERR the server is shutting down"));
        }
    }

    private void run(Transfer transfer, long bytes, BlockedClient client) {
        String error = null;
        try {
            new Passage(services, connections, transfer, "migrate-" + numbers.incrementAndGet()).run();
        } catch (TransferException e) {
            error = e.getMessage();
        } catch (RuntimeException | Error fault) {
            services.faults().report("MIGRATE", fault);
            error = "ERR internal error";
        } finally {
            keyBytes.addAndGet(-bytes);
        }
        String told = error;
        client.answer(reply -> {
            if (told == null) {
                reply.ok();
            } else {
                reply.error(told);
            }
        });
    }

    /** Closes connections that were not used for long; called now and then. */
    public void closeIdle() {
        connections.closeIdle();
    }

    /** Ends what is under way; when it returns no thread of this one's touches the data any more. */
    @Override
    public void close() {
        threads.shutdownNow();
        connections.close();
        try {
            if (!threads.awaitTermination(END_S, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a transfer does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
