package io.granary.tools.granary;

import io.granary.slots.SlotSet;
import io.granary.tools.client.Address;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import io.granary.tools.plan.Move;
import io.granary.tools.plan.Plan;
import io.granary.tools.plan.PlanFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code granary apply}: what a plan says is so afterwards, however much of it was so before. */
@Command(name = "apply", description = "Carries out a plan that rebalance or reshard wrote, or what is left of it.",
        mixinStandardHelpOptions = true)
final class ApplyCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "FILE", description = "what --plan-file, or --dry-run --json, wrote")
    private Path file;

    @Parameters(index = "1..*", arity = "0..2", paramLabel = "HOST:PORT",
            description = "any node of the cluster (default: those of the plan)")
    private List<String> node = List.of();

    @Mixin
    private MoveOptions moving;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        PlanFile kept = PlanFile.read(file);
        PlanVerb verb = new PlanVerb(options, moving.style());
        if (kept.plan().isEmpty()) {
            verb.screen().say("The plan moves nothing");
            verb.screen().print(kept.facts());
            return ExitCode.OK;
        }
        List<Address> seeds = node.isEmpty()
                ? kept.addresses().values().stream().map(options::address).toList() : options.seeds(node);
        Survey survey = verb.soundCluster(seeds, true);
        Plan rest = rest(kept.plan(), survey);
        int done = kept.plan().slotCount() - rest.slotCount();
        if (done > 0) {
            verb.screen().say(Table.grouped(done) + " of " + Table.grouped(kept.plan().slotCount())
                    + " slots are where the plan wants them");
        }
        Map<String, Object> facts = verb.facts(survey, rest);
        facts.put("slotsDoneBefore", done);
        if (!rest.isEmpty()) {
            verb.show(survey, rest);
            facts.put("moved", verb.carryOut(survey, rest));
        }
        verb.screen().print(facts);
        return ExitCode.OK;
    }

    /** The moves that are left, between those who lead the shards of the planned nodes now. */
    private static Plan rest(Plan plan, Survey survey) throws IOException {
        List<Move> moves = new ArrayList<>();
        for (Move move : plan.moves()) {
            NodeReport source = leader(survey, move.source());
            NodeReport target = leader(survey, move.target());
            SlotSet left = SlotSet.of(move.ranges());
            left.removeAll(target.slots());
            SlotSet strange = SlotSet.copyOf(left);
            strange.removeAll(source.slots());
            if (!strange.isEmpty()) {
                throw new IOException("slot " + strange.next(0) + " belongs neither to " + source.address() + " nor to "
                        + target.address() + ", as the plan has it: the cluster has changed, make a new plan");
            }
            if (!left.isEmpty()) {
                moves.add(new Move(source.id(), target.id(), left.ranges()));
            }
        }
        return new Plan(moves);
    }

    private static NodeReport leader(Survey survey, String id) throws IOException {
        Map<String, NodeReport> byId = new LinkedHashMap<>();
        survey.reports().forEach(report -> byId.put(report.id(), report));
        NodeReport node = byId.get(id);
        if (node != null && !node.isPrimary()) {
            node = byId.get(node.self().primaryId());
        }
        if (node == null) {
            throw new IOException("node " + id + " of the plan is not in the cluster: make a new plan");
        }
        return node;
    }
}
