package io.granary.tools.rehearsal;

import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.InfoText;
import io.granary.tools.trial.Program;
import io.granary.tools.trial.TrialNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cluster of three in which the node that is trained has every part once: it gives slots away and takes some, votes, hands
 * over to its replica, follows, loads another node's data, and takes over. What a node does seldom, clients wait for.
 */
final class ClusterScene implements AutoCloseable {

    private static final int PARTNERS = 2;
    private static final int FIRST_GIVEN = 8192;
    private static final int LAST_LENT = 9000;
    private static final int LAST_SLOT = 16383;
    private static final int TIMEOUT_MS = 5000;
    /** A hand-over is given up after five seconds, as when a node has not heard yet how the last one ended. */
    private static final int ATTEMPT_SECONDS = 6;
    private static final int ATTEMPTS = 4;

    private final Address node;
    private final Deadline deadline;
    private final List<TrialNode> partners;

    /** Starts the other two nodes of the cluster, in folders of their own. */
    ClusterScene(Address node, Path dist, Path stage, Deadline deadline) throws IOException {
        this.node = node;
        this.deadline = deadline;
        Program program = Program.granary(dist.resolve("bin/granary-server"));
        partners = Stream.generate(Ports::free).limit(PARTNERS).map(port -> new TrialNode(
                program, port, stage.resolve("partner-" + port),
                List.of("--cluster-enabled", "yes", "--save", "", "--repl-diskless-sync-delay", "0"))).toList();
        for (TrialNode partner : partners) {
            partner.start();
        }
    }

    void play() throws IOException {
        TrialNode second = partners.getFirst();
        TrialNode third = partners.getLast();
        meet();
        move(node, second.address(), FIRST_GIVEN, LAST_SLOT);
        move(second.address(), node, FIRST_GIVEN, LAST_LENT);
        follow(third.address(), second.address());
        takeOver(third.address());
        follow(second.address(), node);
        takeOver(second.address());
        follow(node, third.address());
        follow(node, second.address());
        takeOver(node);
    }

    private void meet() throws IOException {
        for (TrialNode partner : partners) {
            await(partner + " to start", partner::answers);
            ask(node, "CLUSTER", "MEET", partner.address().host(), partner.address().port());
        }
        for (Address each : List.of(node, partners.getFirst().address(), partners.getLast().address())) {
            await(each + " to know all and be well", () -> {
                InfoText cluster = InfoText.parse(ask(each, "CLUSTER", "INFO"));
                return cluster.number("cluster_known_nodes") == PARTNERS + 1 && cluster.text("cluster_state").equals("ok");
            });
        }
    }

    private void move(Address source, Address target, int first, int last) throws IOException {
        ask(source, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", first, last, "NODE", ask(target, "CLUSTER", "MYID"));
        await("slots to move from " + source + " to " + target, () -> !owns(source, last) && owns(target, last));
    }

    private static boolean owns(Address each, int slot) throws IOException {
        String own = ask(each, "CLUSTER", "NODES").lines().filter(line -> line.contains("myself")).findFirst().orElse("");
        return Stream.of(own.split(" ")).anyMatch(range -> range.endsWith("-" + slot));
    }

    private void follow(Address replica, Address primary) throws IOException {
        String id = ask(primary, "CLUSTER", "MYID");
        await(replica + " to follow " + primary, () -> accepts(replica, "CLUSTER", "REPLICATE", id));
        await(replica + " to be in step", () -> ask(replica, "INFO", "replication").contains("master_link_status:up"));
    }

    /** Not before it knows whom it is told about, and that it has no slots any more. */
    private static boolean accepts(Address each, Object... words) throws IOException {
        try {
            return ask(each, words).equals("OK");
        } catch (ErrorReply _) {
            return false;
        }
    }

    private void takeOver(Address replica) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            accepts(replica, "CLUSTER", "FAILOVER");
            if (Deadline.inSeconds(ATTEMPT_SECONDS).await(
                    () -> ask(replica, "INFO", "replication").contains("role:master"))) {
                return;
            }
        }
        throw new IOException("waited in vain for " + replica + " to take over");
    }

    private void await(String what, Deadline.Condition condition) throws IOException {
        if (!deadline.await(condition)) {
            throw new IOException("waited in vain for " + what);
        }
    }

    private static String ask(Address each, Object... words) throws IOException {
        try (Connection connection = Connection.open(each, TIMEOUT_MS)) {
            return connection.text(words);
        }
    }

    @Override
    public void close() {
        partners.forEach(TrialNode::kill);
    }
}
