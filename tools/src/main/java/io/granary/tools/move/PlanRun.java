package io.granary.tools.move;

import io.granary.slots.SlotSet;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.StopSign;
import io.granary.tools.cluster.Survey;
import io.granary.tools.cluster.Together;
import io.granary.tools.plan.Move;
import io.granary.tools.plan.Plan;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Carries out a plan: each of its moves in the best way that both its ends know, and many at once. */
public final class PlanRun {

    private static final int AGREEMENT_MS = 3000;

    private final Survey survey;
    private final Access access;
    private final MoveStyle style;
    private final SlotCosts keys;
    private final Progress progress;
    private final StopSign stop = new StopSign();
    private final Map<Move, Way> ways = new LinkedHashMap<>();

    /** @param keys how many each slot has */
    public PlanRun(Survey survey, Plan plan, Access access, MoveStyle style, SlotCosts keys) throws IOException {
        this.survey = survey;
        this.access = access;
        this.style = style;
        this.keys = keys;
        this.progress = new Progress(
                plan.slotCount(), plan.moves().stream().mapToLong(move -> keys.sum(move.ranges())).sum());
        for (Move move : plan.moves()) {
            ways.put(move, way(node(move.source()), node(move.target())));
        }
    }

    private NodeReport node(String id) throws IOException {
        return survey.find(id).orElseThrow(() -> new IOException("node " + id + " is not in the cluster any more"));
    }

    private Way way(NodeReport source, NodeReport target) throws IOException {
        return !style.classic() && Migrations.areKnownTo(source, target, access)
                ? new Migrations(access, keys, progress, stop)
                : new KeyByKey(access, style, survey, keys, progress, stop);
    }

    public Progress progress() {
        return progress;
    }

    /**
     * Returns when all has moved; the first failure is thrown when what else was begun has ended. A node that hands ranges
     * over opens no slots meanwhile, and the other way round: so whole ranges go first, then what goes key by key.
     */
    public void run() throws IOException {
        run(way -> way instanceof Migrations);
        run(way -> way instanceof KeyByKey);
        spread();
    }

    private void run(Predicate<Way> some) throws IOException {
        List<Together.Task> tasks = new ArrayList<>();
        for (Map.Entry<Move, Way> each : ways.entrySet()) {
            if (some.test(each.getValue())) {
                NodeReport source = node(each.getKey().source());
                NodeReport target = node(each.getKey().target());
                SlotSet slots = SlotSet.of(each.getKey().ranges());
                tasks.add(() -> move(each.getValue(), source, target, slots));
            }
        }
        Together.run(tasks, stop);
    }

    private static void move(Way way, NodeReport source, NodeReport target, SlotSet slots) throws IOException {
        try {
            way.move(source, target, slots);
        } catch (IOException failure) {
            throw new IOException("moving slots from " + source.address() + " to " + target.address() + ": "
                    + failure.getMessage(), failure);
        }
    }

    /** Waits until all nodes have heard of the new owners; who has not in time is told. */
    private void spread() throws IOException {
        List<Address> addresses = survey.answering().stream().map(NodeReport::address).toList();
        if (!Deadline.inMs(AGREEMENT_MS).await(() -> Survey.of(addresses, access).agreed())) {
            for (NodeReport primary : survey.primaries()) {
                for (Map.Entry<Move, Way> each : ways.entrySet()) {
                    tell(primary, each.getKey());
                }
            }
        }
    }

    /** Whoever cannot be told will hear of it. */
    private void tell(NodeReport primary, Move move) {
        List<Integer> slots = new ArrayList<>();
        SlotSet.of(move.ranges()).forEach(slots::add);
        try (Connection connection = Connection.open(primary.address(), access)) {
            connection.callAll(Lane.commands(slots, "NODE", move.target()));
        } catch (IOException _) {
            // It has been told by the new owner, too, or it is down.
        }
    }
}
