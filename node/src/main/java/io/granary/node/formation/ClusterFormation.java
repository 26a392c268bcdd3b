package io.granary.node.formation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.node.Clock;
import io.granary.node.cluster.ClusterServices;
import io.granary.node.config.Configuration;
import io.granary.node.config.TextSetting;
import io.granary.node.log.NodeLog;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Takes this node into the cluster of its seeds, step by step, and then looks after members that are not where they were. A
 * thread of its own: names are looked up and seeds are asked, which takes as long as it takes. Idle without seeds.
 *
 * <p>Steps are taken from the start of the process until the node is in, and never again: whoever is taken out of a cluster
 * by an operator stays out until it is started anew.
 */
public final class ClusterFormation implements AutoCloseable {

    /** Between two looks while this node itself sees no change. */
    private static final long FIRST_PAUSE_MS = 200;
    private static final long LONGEST_PAUSE_MS = 1000;

    /** When so many looks have changed nothing, nobody waits for the next one with a watch in the hand. */
    private static final int SOON_LOOKS = 60;
    private static final long LATER_PAUSE_MS = 5000;

    private static final long LOOK_MS = 1000;
    private static final int LOOKS_BETWEEN_SURVEYS_MOST = 10;
    private static final long REMINDER_MS = 30_000;
    private static final long END_MS = 5000;

    private final ClusterServices cluster;
    private final BooleanSupplier holdsKeys;
    private final FormationSettings settings;
    private final FormationPlan plan;
    private final TextSetting announcedIp;
    private final Clock clock;
    private final NodeLog log;
    private final SeedSurvey seeds;
    private final Thread thread;
    private String heldUpBy = "";
    private long toldNanos;

    /** {@code holdsKeys}: whether this node has data. */
    public ClusterFormation(
            ClusterServices cluster, BooleanSupplier holdsKeys, Configuration configuration, Clock clock, NodeLog log) {
        this.cluster = cluster;
        this.holdsKeys = holdsKeys;
        this.clock = clock;
        this.log = log;
        settings = FormationSettings.of(configuration);
        plan = new FormationPlan(settings);
        announcedIp = configuration.text("cluster-announce-ip");
        TextSetting user = configuration.text("masteruser");
        TextSetting password = configuration.text("masterauth");
        seeds = new SeedSurvey(settings.seeds(), new SeedConnection.Login() {
            @Override
            public String user() {
                return user.value();
            }

            @Override
            public String password() {
                return password.value();
            }
        }, clock);
        thread = Thread.ofPlatform().daemon().name("cluster-formation").unstarted(this::run);
    }

    /** Begins, when the node serves clients: seeds ask each other. */
    public void start() {
        if (cluster.enabled() && !settings.seeds().isEmpty()) {
            thread.start();
        }
    }

    private void run() {
        try {
            form();
            lookAfterMembers();
        } catch (InterruptedException _) {
            // the node ends
        } catch (RuntimeException | Error fault) {
            log.warning("This node does not form a cluster any more, nor find members that have moved", fault);
        }
    }

    private void form() throws InterruptedException {
        long pauseMs = FIRST_PAUSE_MS;
        int idle = 0;
        while (true) {
            List<FormationPlan.Standing> known = FormationPlan.standings(cluster.view());
            List<SeedReport> reports = seeds.ask();
            learnOwnAddress(reports);
            Step step = plan.next(cluster.view(), reports);
            if (step instanceof Step.Done(String what)) {
                log.notice("This node is part of the cluster: " + what);
                return;
            }
            idle = take(step) ? 0 : idle + 1;
            pauseMs = idle == 0 ? FIRST_PAUSE_MS
                    : idle > SOON_LOOKS ? LATER_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pauseMs + pauseMs / 4);
            cluster.await(view -> !FormationPlan.standings(view).equals(known), pauseMs);
        }
    }

    /** Says whether something was done. */
    private boolean take(Step step) {
        return switch (step) {
            case Step.Wait(String reason) -> {
                if (isNews(reason)) {
                    log.notice("Waiting for the cluster: " + reason);
                }
                yield false;
            }
            case Step.TakeSlots take -> takeSlots(take);
            case Step.Meet(List<Step.Place> places) -> {
                places.forEach(this::meet);
                yield true;
            }
            case Step.Follow(String primary) -> follow(primary);
            case Step.Done _ -> false;
        };
    }

    /** Whether what holds this node up is to be said: when it changes, and again from time to time. */
    private boolean isNews(String reason) {
        long now = clock.nanos();
        boolean news = !reason.equals(heldUpBy) || now - toldNanos > TimeUnit.MILLISECONDS.toNanos(REMINDER_MS);
        if (news) {
            heldUpBy = reason;
            toldNanos = now;
        }
        return news;
    }

    /** The slots go with their epoch: without it, somebody has come in between, and it has to be looked at anew. */
    private boolean takeSlots(Step.TakeSlots take) {
        boolean taken = (cluster.view().myself().configEpoch() != 0
                        || ask(new OperatorRequest.SetConfigEpoch(take.configEpoch())))
                && ask(new OperatorRequest.AddSlots(IntStream.rangeClosed(take.first(), take.last()).toArray()));
        if (taken) {
            log.notice((take.first() == 0 ? "Founding the cluster" : "The cluster is founded") + ": taking slots "
                    + take.first() + " to " + take.last());
        }
        if (taken && take.founder() != null) {
            meet(take.founder());
        }
        return taken;
    }

    private boolean follow(String primary) {
        boolean follows = ask(new OperatorRequest.Replicate(primary, holdsKeys.getAsBoolean()));
        if (follows) {
            log.notice("Following " + primary + ", which lacks a replica");
        }
        return follows;
    }

    private void meet(Step.Place place) {
        log.verbose("Meeting " + place);
        ask(new OperatorRequest.Meet(place.ip(), place.port(), place.busPort()));
    }

    /** Says whether it was done. A refusal is told and not taken to heart: the next look decides anew. */
    private boolean ask(OperatorRequest request) {
        Output.Answer answer = cluster.ask(request);
        if (answer.error() != null && isNews(answer.error())) {
            log.warning("Forming the cluster: " + answer.error());
        }
        return answer.error() == null;
    }

    private void learnOwnAddress(List<SeedReport> reports) {
        Step.Place own = announcedIp.isEmpty() ? FormationPlan.ownAddress(cluster.view(), reports) : null;
        if (own != null) {
            meet(own);
        }
    }

    /** As long as members are out of reach the seeds are asked, ever more seldom, whether one of them has moved. */
    private void lookAfterMembers() throws InterruptedException {
        while (true) {
            cluster.await(ClusterFormation::lacksMembers, Long.MAX_VALUE);
            long looksBetween = 1;
            while (lacksMembers(cluster.await(view -> !lacksMembers(view), LOOK_MS * looksBetween))) {
                looksBetween = Math.min(LOOKS_BETWEEN_SURVEYS_MOST, looksBetween + 1);
                List<SeedReport> reports = seeds.ask();
                learnOwnAddress(reports);
                FormationPlan.strays(cluster.view(), reports).forEach(this::meet);
            }
        }
    }

    private static boolean lacksMembers(ClusterView view) {
        return view.nodes().stream().anyMatch(FormationPlan::isLost);
    }

    /** Ends the thread; to be called before the data goes. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(END_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        seeds.close();
    }
}
