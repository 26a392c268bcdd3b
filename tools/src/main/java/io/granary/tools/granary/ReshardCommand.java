package io.granary.tools.granary;

import io.granary.slots.Slot;
import io.granary.slots.SlotRange;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import io.granary.tools.plan.Holder;
import io.granary.tools.plan.Plan;
import io.granary.tools.plan.PlanFile;
import io.granary.tools.plan.Reshard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code granary reshard}: one primary owns more slots afterwards, which others give. */
@Command(name = "reshard", description = "Moves slots to one primary; asks for what is not given.",
        mixinStandardHelpOptions = true)
final class ReshardCommand implements Callable<Integer> {

    private static final String ALL = "all";

    @Parameters(arity = "0..2", paramLabel = "HOST:PORT", description = ClusterOptions.ANY_NODE)
    private List<String> node = List.of();

    @Option(names = {"--from", "--cluster-from"}, split = ",", paramLabel = "NODE",
            description = "the primaries that give slots, or `all`: ids, beginnings of ids, or addresses")
    private List<String> from;

    @Option(names = {"--to", "--cluster-to"}, paramLabel = "NODE", description = "the primary that gets them")
    private String to;

    @Option(names = {"--slots", "--cluster-slots"}, paramLabel = "N",
            description = "how many; each source gives in proportion to what it has")
    private Integer count;

    @Option(names = "--ranges", paramLabel = "RANGES",
            description = "these very slots instead: 0-100,200; from whoever has them")
    private String ranges;

    @Mixin
    private PlanOptions planning;

    @Mixin
    private MoveOptions moving;

    @Mixin
    private ClusterOptions options;

    @Override
    public Integer call() throws IOException {
        Usage.require(options.spec(), count == null || count >= 1 && count <= Slot.COUNT,
                "--slots must be in 1.." + Slot.COUNT);
        Usage.require(options.spec(), count == null || ranges == null, "--slots and --ranges exclude each other");
        List<SlotRange> wanted = ranges == null ? List.of() : parsedRanges();
        PlanVerb verb = new PlanVerb(options, moving.style());
        Survey survey = verb.soundCluster(options.seeds(node), !planning.planOnly());
        Questions questions = new Questions(verb.screen());
        int slots = ranges != null ? 0 : count != null ? count : questions.slotCount(options.spec());
        NodeReport target = primary(survey, to != null ? to : questions.target(options.spec()));
        List<Holder> sources = sources(survey, target, questions);
        Plan plan = ranges == null ? Reshard.slots(sources, holder(target), slots)
                : rangesPlan(sources, target, wanted);
        verb.show(survey, plan);
        Map<String, Object> facts = verb.facts(survey, plan);
        verb.keep(facts, planning);
        if (plan.isEmpty()) {
            verb.screen().say("Nothing to move: the sources own no such slots");
        } else if (!planning.planOnly()) {
            if (!options.consent().isGiven(verb.screen(), "Do you want to proceed with the proposed reshard plan (yes/no)?")) {
                return ExitCode.FAILED;
            }
            facts.put("moved", verb.carryOut(survey, plan));
        }
        verb.screen().print(facts);
        return ExitCode.OK;
    }

    private List<SlotRange> parsedRanges() {
        try {
            return PlanFile.ranges(ranges);
        } catch (IllegalArgumentException e) {
            Usage.require(options.spec(), false, "--ranges: " + e.getMessage());
            throw e;
        }
    }

    private Plan rangesPlan(List<Holder> sources, NodeReport target, List<SlotRange> wanted) throws IOException {
        try {
            return Reshard.ranges(sources, holder(target), wanted);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private NodeReport primary(Survey survey, String name) throws IOException {
        NodeReport found = options.node(survey, name);
        if (!found.isPrimary() || !found.reachable()) {
            throw new IOException("node " + name + " is no primary that answers");
        }
        return found;
    }

    private static Holder holder(NodeReport primary) {
        return new Holder(primary.id(), primary.slots(), 1);
    }

    private List<Holder> sources(Survey survey, NodeReport target, Questions questions) throws IOException {
        List<String> names = from != null ? from : ranges != null ? List.of(ALL) : questions.sources(options.spec());
        List<NodeReport> sources = new ArrayList<>();
        if (names.contains(ALL)) {
            survey.primaries().stream().filter(each -> !each.id().equals(target.id())).forEach(sources::add);
        } else {
            for (String name : names) {
                NodeReport source = primary(survey, name);
                Usage.require(options.spec(), !source.id().equals(target.id()), "the target cannot be a source: " + name);
                if (!sources.contains(source)) {
                    sources.add(source);
                }
            }
        }
        Usage.require(options.spec(), !sources.isEmpty(), "no source given");
        return sources.stream().map(ReshardCommand::holder).toList();
    }
}
