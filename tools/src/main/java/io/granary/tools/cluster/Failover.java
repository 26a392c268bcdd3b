package io.granary.tools.cluster;

import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Orders replicas to take over from their primaries, and waits until every node that answers has seen it. */
public final class Failover {

    /** A replica gives up a hand-over that did not come to its end within 5 s, without a word; then it is ordered again. */
    private static final long AGAIN_AFTER_NS = 6_000_000_000L;

    private final Survey survey;
    private final Access access;

    /** How much is asked before. */
    public enum Manner {
        /** The primary stops writing, the replica catches up, the others vote. Loses nothing. */
        HAND_OVER,
        /** The primary is not asked, the others vote. */
        FORCE,
        /** Nobody is asked. */
        TAKEOVER
    }

    /**
     * A failover that happened.
     *
     * @param former the primary before
     * @param successor the primary since; as it was before
     */
    public record Outcome(NodeReport former, NodeReport successor, double seconds) {}

    public Failover(Survey survey, Access access) {
        this.survey = survey;
        this.access = access;
    }

    /** The node itself if it is a replica; of a primary the replica that suits and has most of its data. */
    public Optional<NodeReport> candidate(NodeReport node, Manner manner, Predicate<NodeReport> suits) {
        if (!node.isPrimary()) {
            return Optional.of(node);
        }
        return survey.replicasOf(node).stream()
                .filter(replica -> replica.inStep() || manner != Manner.HAND_OVER).filter(suits)
                .max(Comparator.comparing(replica -> replica.info().number("slave_repl_offset")));
    }

    /** Empty if it did not happen before the deadline. */
    public Optional<Outcome> run(NodeReport replica, Manner manner, Deadline deadline) throws IOException {
        NodeReport former = survey.find(replica.self().primaryId())
                .orElseThrow(() -> new IOException(replica.address() + " has no primary that is known"));
        long begun = System.nanoTime();
        long[] ordered = {begun - AGAIN_AFTER_NS};
        boolean done = deadline.await(() -> {
            if (isLed(replica, former)) {
                return true;
            }
            if (System.nanoTime() - ordered[0] >= AGAIN_AFTER_NS) {
                order(replica, manner);
                ordered[0] = System.nanoTime();
            }
            return false;
        });
        return done ? Optional.of(new Outcome(former, replica, (System.nanoTime() - begun) / 1e9)) : Optional.empty();
    }

    private void order(NodeReport replica, Manner manner) throws IOException {
        try (Connection connection = Connection.open(replica.address(), access)) {
            if (manner == Manner.HAND_OVER) {
                connection.call("CLUSTER", "FAILOVER");
            } else {
                connection.call("CLUSTER", "FAILOVER", manner.name());
            }
        } catch (ErrorReply refused) {
            if (!refused.getMessage().contains("send CLUSTER FAILOVER to a replica")) {
                throw new IOException("node " + replica.address() + ": " + refused.getMessage(), refused);
            }
        }
    }

    /** Whether all nodes that answer see the successor as the primary, with the slots of the one before. */
    private boolean isLed(NodeReport successor, NodeReport former) {
        List<Address> asked = survey.answering().stream().map(NodeReport::address).toList();
        Survey now = Survey.of(asked, access);
        return now.find(successor.id()).filter(NodeReport::isPrimary).isPresent()
                && now.answering().stream().allMatch(witness -> witness.known().stream().allMatch(entry ->
                        entry.id().equals(successor.id()) ? entry.isPrimary() && owns(entry, former)
                                : !entry.id().equals(former.id()) || entry.slots().isEmpty()));
    }

    private static boolean owns(NodeEntry successor, NodeReport former) {
        return former.self().slots().isEmpty() || !successor.slots().isEmpty();
    }
}
