package io.granary.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.SlotRange;
import io.granary.slots.SlotSet;
import io.granary.tools.cluster.Finding.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckupTest {

    private final Reports reports = new Reports();

    private List<Kind> kinds(Survey survey) {
        return Checkup.of(survey, 0).stream().map(Finding::kind).toList();
    }

    @Test
    void nothingIsWrongWithASoundCluster() {
        reports.primary(1, "a", 1, "0-8191").primary(2, "b", 2, "8192-16383").replica(3, "b", 1).replica(4, "a", 2);

        assertThat(Checkup.of(reports.survey(), 1)).isEmpty();
    }

    @Test
    void slotsWithoutAnOwnerAndWithSeveralAreNamed() {
        reports.primary(1, "a", 1, "0-8191").primary(2, "b", 2, "8190-16000");

        List<Finding> findings = Checkup.of(reports.survey(), 0);

        assertThat(findings).extracting(Finding::kind).contains(Kind.SLOT_UNCOVERED, Kind.SLOT_OWNERS);
        assertThat(findings).filteredOn(each -> each.kind() == Kind.SLOT_UNCOVERED).first()
                .extracting(Finding::slots).isEqualTo(SlotSet.of(List.of(new SlotRange(16001, 16383))));
        assertThat(findings).filteredOn(each -> each.kind() == Kind.SLOT_OWNERS).first()
                .extracting(Finding::nodes).isEqualTo(List.of("a:7001", "b:7002"));
    }

    @Test
    void allOwnersOfARunAreNamedWhereverTheyHaveAPartInIt() {
        reports.primary(1, "a", 1, "0-16383").primary(2, "b", 2, "10-19").primary(3, "c", 3, "20-29");

        assertThat(Checkup.of(reports.survey(), 0)).filteredOn(each -> each.kind() == Kind.SLOT_OWNERS).first()
                .extracting(Finding::nodes).isEqualTo(List.of("a:7001", "b:7002", "c:7003"));
    }

    @Test
    void openSlotsAreGroupedByTheirEnds() {
        reports.primary(1, "a", 1, "0-8191 [5->-" + Reports.id(2) + "] [6->-" + Reports.id(2) + "]")
                .primary(2, "b", 2, "8192-16383 [5-<-" + Reports.id(1) + "]");

        assertThat(Checkup.of(reports.survey(), 0)).extracting(Finding::text).containsExactly(
                "2 slots (5-6) left open: a:7001 migrates to b:7002", "1 slot (5) left open: b:7002 imports from a:7001");
    }

    @Test
    void whoSeesAnotherOwnerOrDoesNotKnowANodeIsNamed() {
        String one = Reports.id(1) + " a:7001@17001 %smaster - 0 0 1 connected %s\n";
        String two = Reports.id(2) + " b:7002@17002 %smaster - 0 0 2 connected %s\n";
        String three = Reports.id(3) + " b:7003@17003 %smaster - 0 0 3 connected\n";
        reports.add(one.formatted("myself,", "0-100") + two.formatted("", "101-16383") + three.formatted(""))
                .add(one.formatted("", "0-99") + two.formatted("myself,", "101-16383") + three.formatted(""))
                .add(one.formatted("", "0-100") + three.formatted("myself,"));

        List<Finding> findings = Checkup.of(reports.asAdded(), 0);

        assertThat(findings).extracting(Finding::text).containsExactlyInAnyOrder(
                "b:7002 sees other owners of 1 slot (100)", "b:7003 sees other owners of 16283 slots (101-16383)",
                "b:7003 does not know b:7002");
    }

    @Test
    void nodesThatAreDownOrSuspectedAreNamed() {
        String nodes = Reports.id(1) + " a:7001@17001 myself,master - 0 0 1 connected 0-16383\n"
                + Reports.id(2) + " b:7002@17002 slave,fail? " + Reports.id(1) + " 0 0 1 connected\n";
        reports.add(nodes).add(nodes.replace("myself,", "").replace("slave,fail?", "myself,slave")).down(3, "c");

        assertThat(kinds(reports.asAdded())).containsExactly(Kind.NODE_DOWN, Kind.SUSPECTED);
    }

    @Test
    void epochsOfPrimariesDiffer() {
        reports.primary(1, "a", 2, "0-8191").primary(2, "b", 2, "8192-16383");

        assertThat(kinds(reports.survey())).containsExactly(Kind.EPOCH_COLLISION);
    }

    @Test
    void replicasAreCountedAndWantedOnOtherHosts() {
        reports.primary(1, "a", 1, "0-8191").primary(2, "b", 2, "8192-16383").replica(3, "a", 1);
        Survey survey = reports.survey();

        assertThat(kinds(survey)).containsExactly(Kind.REPLICA_NONE, Kind.SAME_HOST);
        assertThat(Checkup.of(survey, 0)).noneMatch(Finding::isProblem);
        assertThat(Checkup.of(survey, 1)).extracting(Finding::kind).containsExactly(Kind.REPLICAS_FEW, Kind.SAME_HOST);
        assertThat(Kind.REPLICAS_FEW.label()).isEqualTo("replicas-few");
    }
}
