package io.granary.tools.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.SlotRange;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import io.granary.tools.cluster.Deadline;
import io.granary.tools.cluster.NodeEntry;
import io.granary.tools.granary.CliProcess;
import io.granary.tools.granary.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Slots are moved key by key while clients write, and somebody dies in the middle: the primary that gives, the one that
 * takes, or whoever moves them. What {@code redis-cli --cluster reshard} leaves, {@code redis-cli --cluster fix} has to
 * mend; our CLI is run again. Each slot has one owner then, and every write that was acknowledged (where a node has died:
 * and had reached a replica) is there, once.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClassicMoveStoriesTest extends ThreeShards {

    private static final int SECONDS = 60;
    private static final int MOVED = 10;
    private static final int KEYS_EACH = 3;
    private static final int FILLING = 30;
    /** Far from those that redis-cli takes. */
    private static final SlotRange OUR_MOVED = new SlotRange(3000, 3399);
    private static final int OUR_KEYS = 8000;
    private static final int OUR_BYTES = 100;

    private TrialNode giver;
    private TrialNode taker;

    private enum Victim { SOURCE, TARGET, CLI }

    @Override
    protected void prepare() {
        giver = cluster.nodes().get(0);
        taker = cluster.nodes().get(1);
    }

    @Order(1)
    @ParameterizedTest
    @CsvSource({"TARGET, 10", "CLI, 90"})
    void whoeverDiesNoPromiseIsBroken(Victim victim, int percent) throws IOException {
        dies(victim, percent);
    }

    @Tag("soak")
    @Order(2)
    @ParameterizedTest
    @CsvSource({"SOURCE, 10", "SOURCE, 50", "SOURCE, 90", "TARGET, 50", "TARGET, 90", "CLI, 10", "CLI, 50"})
    void whoeverDiesAtAnotherMomentNoPromiseIsBroken(Victim victim, int percent) throws IOException {
        dies(victim, percent);
    }

    @Order(5)
    @ParameterizedTest
    @ValueSource(ints = 50)
    void ourCliDiesAndTheSameCommandEndsWhatItBegan(int percent) throws IOException {
        ourCliDies(percent);
    }

    @Tag("soak")
    @Order(6)
    @ParameterizedTest
    @ValueSource(ints = {10, 90})
    void ourCliDiesAtAnotherMoment(int percent) throws IOException {
        ourCliDies(percent);
    }

    private void ourCliDies(int percent) throws IOException {
        SlotOwners owners = new SlotOwners(cluster);
        TrialNode from = owners.of(OUR_MOVED.first());
        TrialNode to = owners.anotherThan(OUR_MOVED.first());
        StillKeys still = StillKeys.write(from, OUR_MOVED, OUR_KEYS, OUR_BYTES);
        int before = Integer.parseInt(from.ask("DBSIZE"));
        String[] command = {"reshard", from.address().toString(), "--classic", "--to", to.address().toString(), "--ranges",
            OUR_MOVED.toString(), "--yes"};
        List<Address> nodes = cluster.nodes().stream().map(TrialNode::address).toList();
        try (CheckedLoad load = CheckedLoad.start(nodes, OUR_MOVED::contains, 2, 100, 1_000_000)) {
            assertThat(Deadline.inSeconds(SECONDS).await(() -> load.count() > 100)).isTrue();
            Process cli = CliProcess.start(folder.resolve("reshard.log"), command);
            int left = before - OUR_KEYS * percent / 100;
            assertThat(Deadline.inSeconds(SECONDS).await(() -> Integer.parseInt(from.ask("DBSIZE")) <= left)).isTrue();
            boolean early = cli.isAlive();
            cli.destroyForcibly().onExit().join();
            Run again = Run.expecting(0, command);
            System.out.println("killed our CLI at " + percent + " %" + (early ? "" : ", when it had ended") + "; then:\n"
                    + again.out());
            long then = load.count();
            assertThat(Deadline.inSeconds(SECONDS).await(() -> load.count() > then + 100)).isTrue();
            load.stop();
            assertThat(load.faults()).isEmpty();
        }
        owners.awaitAgreement();
        owners.awaitNoLeftovers(OUR_MOVED);
        assertThat(owners.of(OUR_MOVED.last())).isSameAs(to);
        still.assertAllAt(to);
        assertThat(TrialCluster.view(from).stream().filter(NodeEntry::myself).findFirst().orElseThrow().open()).isEmpty();
    }

    @Tag("soak")
    @Order(4)
    @ParameterizedTest
    @ValueSource(ints = {0, 4, 9, 0, 4, 9, 0, 4, 9, 0, 4, 9, 0, 4, 9, 0, 4, 9, 0, 4, 9})
    void theSourceDiesJustAsASlotChangesHands(int number) throws IOException {
        dies(Victim.SOURCE, "slot number " + number, (_, to, slots, _) -> {
            try (Connection asked = to.connect()) {
                Deadline deadline = Deadline.inSeconds(SECONDS);
                while (!serves(asked, filling(slots.get(number), 0)) && !deadline.passed()) {
                    Thread.onSpinWait();
                }
                return serves(asked, filling(slots.get(number), 0));
            }
        });
    }

    private static boolean serves(Connection node, String key) throws IOException {
        try {
            node.call("GET", key);
            return true;
        } catch (ErrorReply _) {
            return false;
        }
    }

    private void dies(Victim victim, int percent) throws IOException {
        dies(victim, percent + " %", (from, _, slots, before) -> {
            int left = before - slots.size() * FILLING * percent / 100;
            return Deadline.inSeconds(SECONDS).await(() -> Integer.parseInt(from.ask("DBSIZE")) <= left);
        });
    }

    /** When somebody dies; false if that moment does not come. */
    private interface Moment {
        boolean comes(TrialNode from, TrialNode to, List<Integer> slots, int keysBefore) throws IOException;
    }

    private void dies(Victim victim, String moment, Moment waited) throws IOException {
        RedisTools.assumeInstalled();
        TrialNode from = cluster.ownerOf(giver);
        TrialNode to = cluster.ownerOf(taker);
        List<Integer> slots = lowestSlots(from);
        fill(from, slots);
        try (Tally tally = Tally.start(cluster, slots, KEYS_EACH)) {
            assertThat(Deadline.inSeconds(SECONDS).await(() -> tally.acknowledged() > 60)).isTrue();
            int before = Integer.parseInt(from.ask("DBSIZE"));
            Process cli = RedisTools.start(Files.createTempFile(folder, "reshard", ".out"), "--cluster", "reshard",
                    from.address().toString(), "--cluster-from", id(from), "--cluster-to", id(to), "--cluster-slots",
                    Integer.toString(MOVED), "--cluster-pipeline", "3", "--cluster-yes");
            assertThat(waited.comes(from, to, slots, before)).as(moment).isTrue();
            switch (victim) {
                case SOURCE -> from.kill();
                case TARGET -> to.kill();
                case CLI -> cli.destroyForcibly();
            }
            cli.destroyForcibly().onExit().join();
            succeeded(victim == Victim.SOURCE ? from : victim == Victim.TARGET ? to : null);
            // it makes a node the owner before that has all keys: whoever wrote meanwhile would begin anew
            tally.pauseFor(this::fix);
            int soFar = tally.acknowledged();
            assertThat(Deadline.inSeconds(SECONDS).await(() -> tally.acknowledged() > soFar + 60)).isTrue();
            tally.stop();
            System.out.println(victim + " killed at " + moment + ": " + tally.acknowledged() + " increments, "
                    + tally.asked() + " asked elsewhere");
            assertThat(tally.faults(cluster, victim == Victim.CLI)).as("%s killed at %s", victim, moment).isEmpty();
        }
        for (int slot : slots) {
            isFull(slot);
        }
    }

    private void isFull(int slot) throws IOException {
        for (int i = 0; i < FILLING; i++) {
            assertThat(RedisTools.get(cluster, filling(slot, i))).isEqualTo("value " + i);
        }
    }

    /** Waits until the victim's replica leads, and starts the victim again. */
    private void succeeded(TrialNode victim) throws IOException {
        if (victim == null) {
            return;
        }
        TrialNode witness = cluster.nodes().stream().filter(TrialNode::isRunning).findFirst().orElseThrow();
        assertThat(Deadline.inSeconds(SECONDS).await(() -> TrialCluster.view(witness).stream()
                .filter(each -> each.address().equals(victim.address())).allMatch(each -> each.slots().isEmpty()))).isTrue();
        victim.start();
        cluster.awaitSettled();
    }

    /** Has redis-cli mend what is open; it may need more than one look. */
    private void fix() throws IOException {
        String address = cluster.primaries().getLast().address().toString();
        boolean mended = Deadline.inSeconds(SECONDS).await(() -> {
            String done = RedisTools.printed(folder, "--cluster", "fix", address);
            if (done.contains("having different values")) {
                removeCopies(done);
            }
            String found = RedisTools.printed(folder, "--cluster", "check", address);
            return found.contains("[OK] All 16384 slots covered.") && !found.contains("WARNING") && !found.contains("ERR");
        });
        assertThat(mended).as(RedisTools.printed(folder, "--cluster", "check", address)).isTrue();
    }

    /** A key may be on both sides when one of them died while it was sent; then the value at the source counts. */
    private void removeCopies(String printed) throws IOException {
        TrialNode target = cluster.ownerOf(taker);
        for (String line : printed.lines().filter(each -> each.startsWith("    - ")).toList()) {
            try (Connection connection = target.connect()) {
                connection.call("ASKING");
                connection.call("DEL", line.strip().substring(2));
            }
        }
    }

    private static String id(TrialNode node) throws IOException {
        return node.ask("CLUSTER", "MYID");
    }

    private static List<Integer> lowestSlots(TrialNode node) throws IOException {
        return self(node).slots().stream().flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
                .sorted().limit(MOVED).boxed().toList();
    }

    private static NodeEntry self(TrialNode node) throws IOException {
        return TrialCluster.view(node).stream().filter(NodeEntry::myself).findFirst().orElseThrow();
    }

    private static String filling(int slot, int i) {
        return Tally.tagOf(slot) + "filling" + i;
    }

    private static void fill(TrialNode node, List<Integer> slots) throws IOException {
        for (int slot : slots) {
            for (int i = 0; i < FILLING; i++) {
                node.ask("SET", filling(slot, i), "value " + i);
            }
        }
    }

    @Test
    @Order(3)
    void anOpenSlotStaysOpenWhenEitherSideIsHandedOver() throws IOException {
        RedisTools.assumeInstalled();
        TrialNode from = cluster.ownerOf(giver);
        TrialNode to = cluster.ownerOf(taker);
        int slot = lowestSlots(from).getFirst();
        fill(from, List.of(slot));
        to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", id(from));
        from.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", id(to));
        from.ask("MIGRATE", to.address().host(), to.address().port(), "", 0, SECONDS * 1000, "KEYS", filling(slot, 1));
        TrialNode nextFrom = cluster.replicaOf(from);
        TrialNode nextTo = cluster.replicaOf(to);
        Trials.handOver(nextFrom);
        to.kill();
        succeeded(to);
        assertThat(Deadline.inSeconds(SECONDS).await(() ->
                nextFrom.ask("CLUSTER", "NODES").contains("[" + slot + "->-" + id(nextTo) + "]")
                        && nextTo.ask("CLUSTER", "NODES").contains("[" + slot + "-<-" + id(nextFrom) + "]")))
                .as(nextFrom.ask("CLUSTER", "NODES") + "\n" + nextTo.ask("CLUSTER", "NODES")).isTrue();
        fix();
        isFull(slot);
    }
}
