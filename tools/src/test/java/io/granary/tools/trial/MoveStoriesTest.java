package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.granary.CliProcess;
import io.granary.tools.granary.Run;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody dies in the middle of a move by CLUSTER MIGRATESLOTS, as a process under {@code kill -9}: a node, or the CLI that
 * ordered it. However far the move had come: afterwards each slot has one owner in the view of all nodes, nobody else holds
 * keys of it, and every write that was acknowledged (where a node has died: and had reached a replica) is there, once.
 */
class MoveStoriesTest extends ThreeShards {

    private static final SlotRange MOVED = new SlotRange(0, 999);
    private static final int KEYS = 20_000;
    private static final int VALUE_BYTES = 1000;
    private static final int WARM_WRITES = 100;
    private static final int SECONDS = 90;
    private static final long POLL_NANOS = 200_000;
    private static final List<String> STATES = List.of(
            "connecting", "reading-establish-response", "waiting-to-snapshot", "snapshotting", "replicating",
            "waiting-to-pause", "failover-paused", "failover-granted", "success", "failed");

    private SlotOwners owners;
    private TrialNode source;
    private TrialNode target;
    private StillKeys still;
    /** The last move that the source knew of before the story. */
    private String earlier;

    private enum Side { SOURCE, TARGET }

    @BeforeEach
    void fill() throws IOException {
        owners = new SlotOwners(cluster);
        source = owners.of(0);
        target = owners.anotherThan(0);
        still = StillKeys.write(source, MOVED, KEYS, VALUE_BYTES);
        try (Connection asked = source.connect()) {
            earlier = latest(asked).getOrDefault("name", "");
        }
    }

    @ParameterizedTest
    @CsvSource({"SOURCE,50", "TARGET,50", "SOURCE,failover-paused", "TARGET,failover-paused"})
    void aNodeDiesInTheMiddleOfAMove(Side victim, String moment) throws IOException {
        killNode(victim, moment);
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({
        "SOURCE,10", "TARGET,10", "SOURCE,90", "TARGET,90", "SOURCE,replicating", "TARGET,replicating",
        "SOURCE,failover-granted", "TARGET,failover-granted", "SOURCE,success", "TARGET,success"
    })
    void aNodeDiesAtAnotherMoment(Side victim, String moment) throws IOException {
        killNode(victim, moment);
    }

    private void killNode(Side victim, String moment) throws IOException {
        try (CheckedLoad load = CheckedLoad.startConfirmed(addresses(), MOVED::contains, 2, 100, 1_000_000)) {
            awaitWrites(load);
            source.ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", MOVED.first(), MOVED.last(), "NODE",
                    target.ask("CLUSTER", "MYID"));
            String seen = awaitMoment(moment);
            TrialNode dying = victim == Side.SOURCE ? source : target;
            dying.kill();
            System.out.println("killed the " + victim + " at " + moment + ", the source said " + seen);
            dying.start();
            cluster.awaitSettled();
            isWhole(load);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "50")
    void theCliDiesAndTheSameCommandEndsWhatItBegan(String moment) throws IOException {
        killCli(moment);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"10", "90", "failover-paused", "success"})
    void theCliDiesAtAnotherMoment(String moment) throws IOException {
        killCli(moment);
    }

    private void killCli(String moment) throws IOException {
        String[] command = {"reshard", source.address().toString(), "--to", target.address().toString(), "--ranges",
            MOVED.toString(), "--yes"};
        try (CheckedLoad load = CheckedLoad.start(addresses(), MOVED::contains, 2, 100, 1_000_000)) {
            awaitWrites(load);
            Process cli = CliProcess.start(folder.resolve("reshard.log"), command);
            String seen = awaitMoment(moment);
            boolean early = cli.isAlive();
            cli.destroyForcibly().onExit().join();
            Run again = Run.expecting(0, command);
            System.out.println("killed the CLI at " + moment + (early ? "" : ", when it had ended") + ", the source said "
                    + seen + "; then:\n" + again.out());
            isWhole(load);
        }
        assertThat(owners.of(0)).isSameAs(target);
        assertThat(owners.of(MOVED.last())).isSameAs(target);
    }

    // ---- doing

    private List<Address> addresses() {
        return cluster.nodes().stream().map(TrialNode::address).toList();
    }

    private static void require(Deadline.Condition condition, String otherwise) throws IOException {
        assertThat(Deadline.inSeconds(SECONDS).await(condition)).as(otherwise).isTrue();
    }

    private static void awaitWrites(CheckedLoad load) throws IOException {
        long then = load.count();
        require(() -> load.count() > then + WARM_WRITES, "writes do not go on");
    }

    /** Waits until a part of the data, in percent, has come, or the source says that it is so far. */
    private String awaitMoment(String moment) throws IOException {
        Deadline deadline = Deadline.inSeconds(SECONDS);
        boolean part = Character.isDigit(moment.charAt(0));
        try (Connection asked = Connection.open((part ? target : source).address(), SECONDS * 1000)) {
            int watched = part ? MOVED.last() * Integer.parseInt(moment) / 100 : 0;
            while (!deadline.passed()) {
                String state = part ? "" : state(asked);
                boolean reached = part
                        ? !asked.text("CLUSTER", "COUNTKEYSINSLOT", watched).equals("0")
                        : STATES.indexOf(state) >= STATES.indexOf(moment);
                if (reached) {
                    return part ? "that it sends" : state;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
        throw new IOException("the move does not come so far");
    }

    /** How far this story's move is, in the words of a node; empty if it does not know of it. */
    private String state(Connection node) throws IOException {
        Map<String, String> job = latest(node);
        return job.isEmpty() || job.get("name").equals(earlier) ? "" : job.get("state");
    }

    private static Map<String, String> latest(Connection node) throws IOException {
        return MovingSlots.jobs(node).stream().findFirst().orElse(Map.of());
    }

    // ---- looking

    private void isWhole(CheckedLoad load) throws IOException {
        owners.awaitAgreement();
        awaitWrites(load);
        load.stop();
        assertThat(load.faults()).isEmpty();
        owners.awaitNoLeftovers(MOVED);
        still.assertAllAt(owners.of(0));
        require(this::nothingRuns, "a move goes on for ever");
    }

    private boolean nothingRuns() throws IOException {
        for (TrialNode node : cluster.nodes()) {
            try (Connection connection = node.connect()) {
                if (!List.of("", "success", "failed", "cancelled").contains(state(connection))) {
                    return false;
                }
            }
        }
        return true;
    }
}
