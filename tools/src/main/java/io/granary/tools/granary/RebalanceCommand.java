package io.granary.tools.granary;

import io.granary.slots.SlotSet;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import io.granary.tools.move.Measure;
import io.granary.tools.move.SlotCensus;
import io.granary.tools.plan.Holder;
import io.granary.tools.plan.Plan;
import io.granary.tools.plan.Rebalance;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary rebalance}: every primary has its share of the slots, keys, memory or load afterwards. */
@Command(name = "rebalance", description = "Evens out what primaries hold, by moving as few slots as possible.",
        mixinStandardHelpOptions = true)
final class RebalanceCommand implements Callable<Integer> {

    private static final int MS_PER_SECOND = 1000;

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = "--by", defaultValue = "slots", paramLabel = "WHAT",
            description = "what is evened out: slots, keys, memory, or load, which is processor time"
                    + " (default: ${DEFAULT-VALUE})")
    private Measure measure;

    @Option(names = {"--weight", "--cluster-weight"}, arity = "1..*", paramLabel = "NODE=W",
            description = "a primary's share in proportion to others', which have 1; 0 empties it")
    private Map<String, Double> weights = Map.of();

    @Option(names = {"--threshold", "--cluster-threshold"}, defaultValue = "2", paramLabel = "PERCENT",
            description = "nothing moves where no primary is off by more (default: ${DEFAULT-VALUE})")
    private double thresholdPercent;

    @Option(names = {"--use-empty-masters", "--use-empty-primaries", "--cluster-use-empty-masters"},
            description = "give slots also to primaries that have none")
    private boolean useEmpty;

    @Option(names = "--sample", defaultValue = "5", paramLabel = "SECONDS",
            description = "how long the load is measured; 0 takes all since the nodes count (default: ${DEFAULT-VALUE})")
    private double sampleSeconds;

    @Mixin
    private PlanOptions planning;

    @Mixin
    private MoveOptions moving;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Usage.require(options.spec(), thresholdPercent >= 0, "--threshold must not be negative");
        Usage.require(options.spec(), sampleSeconds >= 0 && sampleSeconds <= 3600, "--sample must be in 0..3600");
        PlanVerb verb = new PlanVerb(options, moving.style());
        Survey survey = verb.soundCluster(options.seeds(node), !planning.planOnly());
        List<Holder> holders = holders(survey);
        SlotCosts costs = costs(survey);
        Plan plan = measure == Measure.SLOTS
                ? Rebalance.bySlots(holders, thresholdPercent) : Rebalance.byCosts(holders, costs, thresholdPercent);
        show(verb, survey, holders, costs, plan);
        Map<String, Object> facts = verb.facts(survey, plan);
        facts.put("by", measure.toString());
        facts.put("nodes", shares(survey, holders, costs, plan));
        verb.keep(facts, planning);
        if (!planning.planOnly() && !plan.isEmpty()) {
            facts.put("moved", verb.carryOut(survey, plan));
        }
        verb.screen().print(facts);
        return ExitCode.OK;
    }

    private List<Holder> holders(Survey survey) throws IOException {
        Map<String, Double> byId = new LinkedHashMap<>();
        for (Map.Entry<String, Double> each : weights.entrySet()) {
            NodeReport named = options.node(survey, each.getKey());
            Usage.require(options.spec(), named.isPrimary(), each.getKey() + " is no primary");
            Usage.require(options.spec(), each.getValue() >= 0 && each.getValue() <= 1e6, "a weight must be in 0..1000000");
            byId.put(named.id(), each.getValue());
        }
        List<Holder> holders = survey.primaries().stream().filter(primary -> useEmpty || !primary.slots().isEmpty())
                .map(primary -> new Holder(primary.id(), primary.slots(), byId.getOrDefault(primary.id(), 1.0))).toList();
        Usage.require(options.spec(), holders.stream().anyMatch(holder -> holder.weight() > 0), "some weight must not be 0");
        return holders;
    }

    private SlotCosts costs(Survey survey) throws IOException {
        SlotCensus census = new SlotCensus(options.access());
        if (measure != Measure.LOAD || sampleSeconds == 0) {
            return census.take(survey.primaries(), measure);
        }
        options.screen().say(String.format(Locale.ROOT, "Measuring the load for %.1f s", sampleSeconds));
        return census.takeOver(survey.primaries(), measure, (long) (sampleSeconds * MS_PER_SECOND));
    }

    private void show(PlanVerb verb, Survey survey, List<Holder> holders, SlotCosts costs, Plan plan) {
        if (plan.isEmpty()) {
            boolean nothing = costs.sum(SlotSet.all()) == 0;
            verb.screen().say(nothing ? "There is nothing to rebalance by " + measure
                    : String.format(Locale.ROOT, "Nothing to move: no primary is off by more than %s %%", thresholdPercent));
            return;
        }
        verb.show(survey, plan);
        verb.screen().say("");
        boolean more = measure != Measure.SLOTS;
        Table table = more ? new Table("primary", "weight", "slots", "then", measure.toString(), "then", "share")
                : new Table("primary", "weight", "slots", "then", "share");
        for (Share share : sharesOf(holders, costs, plan)) {
            List<String> row = new ArrayList<>(List.of(PlanVerb.address(survey, share.id()), share.weight(),
                    Table.grouped(share.slots()), Table.grouped(share.slotsThen())));
            if (more) {
                row.add(Table.grouped(share.cost()));
                row.add(Table.grouped(share.costThen()));
            }
            row.add(String.format(Locale.ROOT, "%.1f %%", share.percentThen()));
            table.row(row.toArray(String[]::new));
        }
        verb.screen().print(table);
        verb.screen().say("");
    }

    private record Share(String id, String weight, int slots, int slotsThen, long cost, long costThen, double percentThen) {}

    private static List<Share> sharesOf(List<Holder> holders, SlotCosts costs, Plan plan) {
        Map<String, SlotSet> after = plan.after(holders);
        long total = Math.max(1, after.values().stream().mapToLong(costs::sum).sum());
        return holders.stream().map(holder -> {
            SlotSet then = after.get(holder.id());
            return new Share(holder.id(), String.format(Locale.ROOT, "%.2f", holder.weight()), holder.slots().size(),
                    then.size(), costs.sum(holder.slots()), costs.sum(then), 100.0 * costs.sum(then) / total);
        }).toList();
    }

    private List<Map<String, Object>> shares(Survey survey, List<Holder> holders, SlotCosts costs, Plan plan) {
        return sharesOf(holders, costs, plan).stream().map(share -> {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("id", share.id());
            facts.put("address", PlanVerb.address(survey, share.id()));
            facts.put("weight", Double.valueOf(share.weight()));
            facts.put("slots", share.slots());
            facts.put("slotsThen", share.slotsThen());
            if (measure != Measure.SLOTS) {
                facts.put(measure.toString(), share.cost());
                facts.put(measure + "Then", share.costThen());
            }
            return facts;
        }).toList();
    }
}
