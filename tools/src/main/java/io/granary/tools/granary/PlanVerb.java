package io.granary.tools.granary;

import io.granary.slots.Slot;
import io.granary.tools.client.Address;
import io.granary.tools.cluster.ClusterUnhealthy;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeReport;
import io.granary.tools.cluster.Survey;
import io.granary.tools.move.Leftovers;
import io.granary.tools.move.Measure;
import io.granary.tools.move.MoveStyle;
import io.granary.tools.move.PlanRun;
import io.granary.tools.move.SlotCensus;
import io.granary.tools.plan.Move;
import io.granary.tools.plan.Plan;
import io.granary.tools.plan.PlanFile;
import io.granary.tools.plan.SlotCosts;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the verbs that move slots share: a sound cluster to plan for, and a plan that is shown, kept and carried out. */
final class PlanVerb {

    private static final int AGREEMENT_MS_MAX = 10_000;
    private static final String GO_ON = "the same command goes on with it";

    private final ClusterOptions options;
    private final MoveStyle style;
    private final Screen screen;

    PlanVerb(ClusterOptions options, MoveStyle style) {
        this.options = options;
        this.style = style;
        this.screen = options.screen();
    }

    Screen screen() {
        return screen;
    }

    /**
     * The cluster that the seeds belong to, in which all slots are served and all nodes agree.
     *
     * @param settle whether half-done moves of an earlier run are brought to an end
     */
    Survey soundCluster(Collection<Address> seeds, boolean settle) throws IOException {
        if (settle) {
            leftovers(Survey.spreadingFrom(seeds, options.access())).awaitMigrations();
        }
        Survey survey = agreedSurvey(seeds);
        if (settle) {
            return leftovers(survey).settle() ? agreedSurvey(seeds) : survey;
        }
        if (survey.primaries().stream().anyMatch(primary -> !primary.self().open().isEmpty())) {
            screen.warn("granary: some slots are half moved; carrying out a plan finishes them first");
        }
        return survey;
    }

    private Leftovers leftovers(Survey survey) {
        return new Leftovers(survey, options.access(), style, screen::say);
    }

    private Survey agreedSurvey(Collection<Address> seeds) throws IOException {
        Deadline deadline = Deadline.inMs(Math.min(AGREEMENT_MS_MAX, options.patientAccess().timeoutMs()));
        Survey[] last = new Survey[1];
        boolean agreed = deadline.await(() -> {
            last[0] = Survey.spreadingFrom(seeds, options.access());
            return last[0].answering().isEmpty() || new Survey(last[0].answering()).agreed();
        });
        requireSound(last[0]);
        if (!agreed) {
            throw new ClusterUnhealthy("the nodes do not agree about the cluster; granary check tells more");
        }
        return last[0];
    }

    private static void requireSound(Survey survey) throws ClusterUnhealthy {
        if (survey.answering().isEmpty()) {
            NodeReport first = survey.reports().getFirst();
            throw new ClusterUnhealthy("node " + first.address() + ": " + first.problem());
        }
        for (NodeReport report : survey.reports()) {
            if (!report.reachable() && report.isPrimary() && !report.slots().isEmpty()) {
                throw new ClusterUnhealthy("primary " + report.address() + " does not answer: " + report.problem());
            }
        }
        int missing = Slot.COUNT - survey.coveredSlots();
        if (missing > 0) {
            throw new ClusterUnhealthy(missing + " slots have no owner; granary fix finds them one");
        }
    }

    /** The plan for people. */
    void show(Survey survey, Plan plan) {
        Table table = new Table("from", "to", "slots", "ranges");
        for (Move move : plan.moves()) {
            table.row(address(survey, move.source()), address(survey, move.target()), Table.grouped(move.slotCount()),
                    ranges(move));
        }
        screen.print(table);
    }

    private static String ranges(Move move) {
        int shown = 4;
        StringBuilder text = new StringBuilder();
        move.ranges().stream().limit(shown).forEach(range -> text.append(text.isEmpty() ? "" : " ").append(range));
        int more = move.ranges().size() - shown;
        return more > 0 ? text + " and " + Table.grouped(more) + " more" : text.toString();
    }

    static String address(Survey survey, String id) {
        return survey.find(id).map(report -> report.address().toString()).orElse(id);
    }

    /** The plan as a document for programs and for {@code apply}. */
    Map<String, Object> facts(Survey survey, Plan plan) {
        Map<String, String> addresses = new LinkedHashMap<>();
        for (Move move : plan.moves()) {
            addresses.put(move.source(), address(survey, move.source()));
            addresses.put(move.target(), address(survey, move.target()));
        }
        return new PlanFile(plan, addresses).facts();
    }

    /** Writes the plan to the file that was asked for, or does nothing. */
    void keep(Map<String, Object> facts, PlanOptions planning) throws IOException {
        if (planning.file() != null) {
            PlanFile.write(planning.file().toAbsolutePath(), facts);
            screen.say("The plan is in " + planning.file() + "; granary apply " + planning.file() + " carries it out");
        }
    }

    /** Moves the slots, shows how far it is, and returns what was done, for programs. */
    Map<String, Object> carryOut(Survey survey, Plan plan) throws IOException {
        List<NodeReport> sources = survey.primaries().stream()
                .filter(node -> plan.moves().stream().anyMatch(move -> move.source().equals(node.id()))).toList();
        SlotCosts keys = new SlotCensus(options.access()).take(sources, Measure.KEYS);
        PlanRun run = new PlanRun(survey, plan, options.patientAccess(), style, keys);
        Thread advice = Thread.ofPlatform().unstarted(() -> screen.warn("granary: interrupted; " + GO_ON));
        Runtime.getRuntime().addShutdownHook(advice);
        double seconds;
        try (ProgressLine line = new ProgressLine(
                screen, passed -> ProgressLine.ofMoves(run.progress(), passed), GranaryCli.onTerminal())) {
            run.run();
            seconds = line.seconds();
        } catch (IOException failure) {
            throw new IOException(failure.getMessage() + " (" + Table.grouped(run.progress().slots()) + " of "
                    + Table.grouped(plan.slotCount()) + " slots have moved; " + GO_ON + ")", failure);
        } finally {
            Runtime.getRuntime().removeShutdownHook(advice);
        }
        screen.say(String.format(Locale.ROOT, "%s: %,d slots with %,d keys in %.1f s", screen.good("Moved"),
                plan.slotCount(), run.progress().keys(), seconds));
        Map<String, Object> done = new LinkedHashMap<>();
        done.put("slots", plan.slotCount());
        done.put("keys", run.progress().keys());
        done.put("seconds", Math.round(seconds * 1000) / 1000.0);
        return done;
    }
}
