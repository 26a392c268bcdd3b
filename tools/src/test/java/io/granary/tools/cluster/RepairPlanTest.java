package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.client.Access;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is planned for clusters without keys; those with keys are in the tests with real nodes. */
class RepairPlanTest {

    private final Reports reports = new Reports();

    private List<String> plan() throws IOException {
        return RepairPlan.of(reports.survey(), true, Access.within(1)).stream().map(RepairStep::text).toList();
    }

    private static String to(int node) {
        return "->-" + Reports.id(node) + "]";
    }

    private static String from(int node) {
        return "-<-" + Reports.id(node) + "]";
    }

    @Test
    void aSoundClusterNeedsNothing() throws IOException {
        reports.primary(1, "a", 1, "0-8191").primary(2, "b", 2, "8192-16383");

        assertThat(plan()).isEmpty();
    }

    @Test
    void slotsWithoutAnOwnerGoToWhoHasFewestInRanges() throws IOException {
        reports.primary(1, "a", 1, "0-8191").primary(2, "b", 2, "8192-16183").replica(3, "b", 1);

        assertThat(plan()).containsExactly("200 slots (16184-16383) without an owner: b:7002 becomes it");
    }

    @Test
    void ofSeveralOwnersTheOneWithTheHighestEpochStays() throws IOException {
        reports.primary(1, "a", 1, "0-8191 9000").primary(2, "b", 3, "8000 8192-16383").primary(3, "c", 2, "8000");

        assertThat(plan()).containsExactly(
                "1 slot (8000) with several owners: b:7002 stays it, and gets the keys of c:7003, a:7001",
                "1 slot (9000) with several owners: b:7002 stays it, and gets the keys of a:7001");
    }

    @Test
    void aMoveIsOnlyFinishedIfBothEndsKnowOfItAndNobodyElse() throws IOException {
        reports.primary(1, "a", 1, "0-8191 [1" + to(2) + " [2" + to(2) + " [3" + to(2) + " [4" + to(2))
                .primary(2, "b", 2, "8192-16383 [1" + from(1) + " [3" + from(3) + " [4" + from(1))
                .primary(3, "c", 3, "[4" + from(1));

        assertThat(plan()).containsExactly(
                "1 slot (1) on the move from a:7001 to b:7002: the move is finished",
                "1 slot (2): closed at a:7001",
                "1 slot (3): closed at a:7001, b:7002",
                "1 slot (4): closed at a:7001, b:7002, c:7003");
    }

    @Test
    void anOwnerThatStillImportsIsClosed() throws IOException {
        reports.primary(1, "a", 1, "0-8191").primary(2, "b", 2, "8192-16383 [8192" + from(1));

        assertThat(plan()).containsExactly("1 slot (8192): closed at b:7002");
    }
}
