package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.tools.cluster.PortRange;
import io.granary.tools.trial.Partitions.Cut;
import io.granary.tools.trial.Partitions.Story;
import java.io.IOException;
import java.util.Collections;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A primary is cut off with its client from all other nodes of three shards of real processes. It may acknowledge as long
 * as its lease holds; what it acknowledges in that time has not reached its replica, and is lost if that one takes over, as
 * with asynchronous replication everywhere. What a replica has confirmed stays, and nothing is acknowledged later.
 */
class PartitionStoriesTest extends ThreeShards {

    /** The node timeout is long beside the lease, so that the end of the one is not taken for the end of the other. */
    @Override
    protected TrialCluster start(Program granary) throws IOException {
        return TrialCluster.startApart(
                Collections.nCopies(NODES, granary), PortRange.free(NODES), folder, NODE_TIMEOUT_MS);
    }

    @ParameterizedTest
    @EnumSource
    void aPrimaryThatIsCutOffAcknowledgesNothingThatItsSuccessorLacks(Cut cut) throws IOException {
        Story story = Partitions.tell(cluster, cut);
        System.out.println(cut + " " + story);
        SoftAssertions.assertSoftly(softly -> {
            softly.assertThat(story.tookOver()).as("the replica took over").isEqualTo(cut != Cut.DEAF);
            softly.assertThat(story.refused()).as("writes refused behind the cut").isPositive();
            softly.assertThat(story.stale()).as("writes acknowledged behind the cut after the takeover").isZero();
            softly.assertThat(story.lastBehindMs()).as("the last acknowledgement behind the cut came within the lease")
                    .isLessThan(NODE_TIMEOUT_MS / 2.0);
            softly.assertThat(story.loss().promised()).as("writes that a replica has confirmed").isPositive();
            softly.assertThat(story.loss().broken()).as("of them, lost").isZero();
            softly.assertThat(story.loss().lost()).as("lost beside what was acknowledged within the lease")
                    .isLessThanOrEqualTo(story.behind() + Writer.WRITES_PER_WAIT);
        });
    }

    @RepeatedTest(10)
    @Tag("soak")
    void andAgain() throws IOException {
        for (Cut cut : Cut.values()) {
            cluster.awaitSettled();
            aPrimaryThatIsCutOffAcknowledgesNothingThatItsSuccessorLacks(cut);
        }
        assertThat(cluster.primaries()).hasSize(NODES / 2);
    }
}
