package io.granary.node.formation;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.SlotBitmap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nodes with the same list of seeds make of themselves, in whatever order they come and go. */
class FormationPlanTest {

    private static final String FORMED = """
            0 primary 0-5460, of 6
            1 primary 5461-10921, of 6
            2 primary 10922-16383, of 6
            3 replica of 0, of 6
            4 replica of 1, of 6
            5 replica of 2, of 6""";

    private final SplittableRandom random = new SplittableRandom(1);
    private final FormationWorld world = new FormationWorld(3, 1, random);

    /** Everybody looks and acts in turn. */
    private void rounds(int count) {
        for (int round = 0; round < count; round++) {
            for (int place = 0; place < world.size(); place++) {
                world.survey(place, 0);
                world.step(place);
            }
        }
    }

    private void startAllBut(int... missing) {
        IntStream.range(0, world.size()).filter(i -> IntStream.of(missing).noneMatch(m -> m == i)).forEach(world::start);
    }

    @Test
    void sixBlankNodesBecomeThreePrimariesAndTheirReplicas() {
        startAllBut();
        rounds(5);
        assertThat(world.describe()).isEqualTo(FORMED);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void nothingIsFoundedWhileOneIsMissingAndAllIsWhenItComes(int late) {
        startAllBut(late);
        rounds(5);
        assertThat(world.clusters()).isEmpty();
        assertThat(world.describe()).doesNotContain("primary", "replica");
        world.start(late);
        rounds(5);
        assertThat(world.describe()).isEqualTo(FORMED);
    }

    @Test
    void whoWaitsSaysForWhom() {
        startAllBut(4);
        world.survey(0, 0);
        assertThat(world.step(0)).isEqualTo(new Step.Wait("n4:6379 is missing (down)"));
        world.survey(1, 0);
        assertThat(world.step(1)).isEqualTo(new Step.Wait("the first seed, n0:6379, has not founded the cluster yet"));
    }

    @Test
    void aNodeOfAnOlderClusterIsJoinedAndNothingIsFoundedBesideIt() {
        startAllBut();
        world.at(4).slots = SlotBitmap.range(100, 200);
        rounds(5);
        assertThat(world.describe()).contains("4 primary 100-200, of 6").doesNotContain("0 primary");
    }

    @Test
    void aPrimaryThatLostItsVolumeComesBackAsTheReplicaOfItsSuccessor() {
        startAllBut();
        rounds(5);
        world.wipe(1);
        world.failOver(4);
        world.start(1);
        rounds(3);
        assertThat(world.describe()).contains("1 replica of 4", "4 primary 5461-10921");
    }

    @Test
    void aPrimaryThatLostItsVolumeBeforeItIsReplacedTakesNothing() {
        startAllBut();
        rounds(5);
        world.wipe(1);
        world.start(1);
        rounds(3);
        assertThat(world.describe()).contains("1 empty, of 7", "4 replica of gone");
        world.failOver(4);
        rounds(3);
        assertThat(world.describe()).contains("1 replica of 4", "4 primary 5461-10921");
    }

    @Test
    void theFounderThatLostItsVolumeJoinsWhatItHasFounded() {
        startAllBut();
        rounds(5);
        world.wipe(0);
        world.failOver(3);
        world.start(0);
        rounds(3);
        assertThat(world.describe()).contains("0 replica of 3", "3 primary 0-5460");
        assertThat(world.clusters()).hasSize(1);
    }

    @Test
    void aNodeThatWasStoppedOnItsWayInGoesOn() {
        startAllBut();
        world.survey(0, 0);
        assertThat(world.step(0)).isEqualTo(new Step.TakeSlots(0, 5460, 1, null));
        world.stopOnceSlotsAreTaken(1);
        rounds(5);
        assertThat(world.describe()).contains("1 (down) primary 5461-10921, of 1", "3 replica of 0");
        world.start(1);
        rounds(3);
        assertThat(world.describe()).isEqualTo(FORMED);
    }

    /** Nodes stop and start at any moment, with their volumes; seeds are seen late, or not at all. */
    @Test
    void whateverTheOrderOneClusterIsFormed() {
        for (int seed = 0; seed < 300; seed++) {
            FormationWorld trial = trial(seed, 0);
            for (int i = 0; i < trial.size(); i++) {
                trial.start(i);
            }
            for (int round = 0; round < 8; round++) {
                for (int i = 0; i < trial.size(); i++) {
                    trial.survey(i, 0);
                    trial.step(i);
                }
            }
            assertThat(trial.clusters()).as("seed %d: %s", seed, trial.describe()).hasSize(1);
            assertThat(trial.describe()).as("seed %d", seed).doesNotContain("empty", "(down)");
            assertThat(IntStream.range(0, trial.size()).map(i -> trial.at(i).slots.size()).sum()).as("seed %d", seed)
                    .isEqualTo(16384);
        }
    }

    /** As before, and volumes are lost. */
    @Test
    void whateverIsLostNothingIsStolenAndThereAreNeverTwoClusters() {
        for (int seed = 0; seed < 300; seed++) {
            assertThat(trial(seed, 4).clusters().size()).as("seed %d", seed).isLessThanOrEqualTo(1);
        }
    }

    private static FormationWorld trial(int seed, int wipePercent) {
        SplittableRandom random = new SplittableRandom(seed);
        int primaries = 1 + random.nextInt(4);
        FormationWorld trial = new FormationWorld(primaries, primaries == 1 ? 1 : random.nextInt(3), random);
        try {
            for (int i = 0; i < 300; i++) {
                int place = random.nextInt(trial.size());
                int dice = random.nextInt(100);
                if (dice < wipePercent) {
                    trial.wipe(place);
                } else if (dice < 25) {
                    trial.start(place);
                } else if (dice < 28) {
                    trial.stop(place);
                } else if (dice < 34) {
                    trial.failOver(place);
                } else if (dice < 65) {
                    trial.survey(place, 10);
                } else {
                    trial.step(place);
                }
                assertThat(trial.clusters().size()).as("step %d", i).isLessThanOrEqualTo(1);
            }
        } catch (AssertionError failure) {
            throw new AssertionError("seed " + seed + "\n" + trial.describe(), failure);
        }
        return trial;
    }
}
