package io.granary.node.formation;

import io.granary.node.Clock;
import io.granary.node.config.SeedNodes.Seed;
import io.granary.node.formation.SeedReport.Silent;
import io.granary.node.formation.SeedReport.Told;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The seeds, asked over their client ports, all at once. Their names are looked up anew each time. A seed whose last answer
 * is not there yet is not asked again meanwhile, and what it says too late is not used: it may not be so any more.
 */
final class SeedSurvey implements AutoCloseable {

    private static final long PATIENCE_MS = 3000;

    /** More addresses than this of one name are not looked at. */
    private static final int ADDRESSES_MOST = 4;

    private final List<Seed> seeds;
    private final SeedConnection.Login login;
    private final Clock clock;
    private final List<Future<SeedReport>> asked = new ArrayList<>();
    private final ExecutorService askers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("cluster-seed-", 0).factory());

    SeedSurvey(List<Seed> seeds, SeedConnection.Login login, Clock clock) {
        this.seeds = seeds;
        this.login = login;
        this.clock = clock;
        seeds.forEach(_ -> asked.add(null));
    }

    /** Asks all of them, and waits a bounded time for the answers, which come in the order of the list. */
    List<SeedReport> ask() throws InterruptedException {
        long deadline = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        List<Future<SeedReport>> current = new ArrayList<>();
        for (int i = 0; i < seeds.size(); i++) {
            Seed seed = seeds.get(i);
            boolean free = asked.get(i) == null || asked.get(i).isDone();
            if (free) {
                asked.set(i, askers.submit(() -> report(seed, deadline)));
            }
            current.add(free ? asked.get(i) : null);
        }
        List<SeedReport> reports = new ArrayList<>();
        for (Future<SeedReport> each : current) {
            reports.add(await(each, deadline));
        }
        return reports;
    }

    private SeedReport await(Future<SeedReport> report, long deadline) throws InterruptedException {
        try {
            return report == null ? new Silent("no answer yet")
                    : report.get(Math.max(0, deadline - clock.nanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return new Silent("no answer yet");
        } catch (ExecutionException failure) {
            return new Silent(failure.getCause().toString());
        }
    }

    /** All addresses of a name must lead to one node: else it is not known which of them is meant. */
    private SeedReport report(Seed seed, long deadline) {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(seed.host());
        } catch (UnknownHostException _) {
            return new Silent("unknown host");
        }
        SeedReport found = null;
        int count = Math.min(addresses.length, ADDRESSES_MOST);
        for (int i = 0; i < count; i++) {
            // so that one that does not answer leaves the others theirs
            long share = (deadline - clock.nanos()) / (count - i);
            SeedReport report = SeedConnection.ask(addresses[i], seed.port(), login, clock, clock.nanos() + share);
            if (report instanceof Told told && found instanceof Told before
                    && !told.self().id().equals(before.self().id())) {
                return new Silent("different nodes answer at addresses of this name");
            }
            found = found instanceof Told ? found : report;
        }
        return found;
    }

    @Override
    public void close() {
        askers.shutdownNow();
    }
}
