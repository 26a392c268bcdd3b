package io.granary.tools.granary;

import io.granary.tools.client.Access;
import io.granary.tools.cluster.Checkup;
import io.granary.tools.cluster.Survey;
import io.granary.tools.move.MigrationJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hand-overs of slots that are under way in a cluster, as {@code check} and {@code info} show them. */
record RunningMoves(Survey survey, List<MigrationJob> jobs) {

    static RunningMoves in(Survey survey, Access access) {
        return new RunningMoves(survey, MigrationJob.running(survey, access));
    }

    void show(Screen screen) {
        for (MigrationJob job : jobs) {
            long waiting = job.waitingBytes();
            screen.say(screen.strong("moving") + "   " + Checkup.slots(job.slots()) + " from "
                    + PlanVerb.address(survey, job.sourceId()) + " to " + PlanVerb.address(survey, job.targetId()) + ": "
                    + job.state() + (waiting > 0 ? ", " + Table.grouped(waiting) + " bytes to send" : ""));
        }
    }

    List<Map<String, Object>> facts() {
        return jobs.stream().map(RunningMoves::facts).toList();
    }

    private static Map<String, Object> facts(MigrationJob job) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", job.name());
        facts.put("source", job.sourceId());
        facts.put("target", job.targetId());
        facts.put("slots", NodeFacts.ranges(job.slots()));
        facts.put("state", job.state());
        return facts;
    }
}
