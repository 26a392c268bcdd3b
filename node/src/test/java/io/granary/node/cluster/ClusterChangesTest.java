package io.granary.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.OperatorRequest.FailoverKind;
import io.granary.gossip.Output;
import io.granary.slots.keyspace.KeyHash;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.memory.MemoryOptions;
import io.granary.slots.memory.NativeMemory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the CLUSTER commands that change something ask of the machine, and what they refuse themselves. */
final class ClusterChangesTest {

    private static final String A = "a".repeat(40);
    private static final String B = "b".repeat(40);

    private static final NodeView ME = new NodeView(
            new NodeId(A), "10.0.0.1", 7001, 0, 17001, "", "", A, Set.of(NodeFlag.MYSELF, NodeFlag.PRIMARY), null, 0, 0, 1,
            true, 0);
    private static final NodeView PEER = new NodeView(
            new NodeId(B), "10.0.0.2", 7002, 0, 17002, "two.example", "", B, Set.of(NodeFlag.PRIMARY), null, 0, 0, 2,
            true, 0);

    private final CommandBench bench = new CommandBench(null);

    ClusterChangesTest() {
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        owners[0] = ME;
        bench.view = MadeUpView.of(ME, List.of(ME, PEER), owners, Map.of(), Map.of(), true, 2, 1);
    }

    @Test
    void slotsAreHandedToTheMachineInOrder() {
        assertThat(bench.reply("CLUSTER", "ADDSLOTS", "5", "1")).isEqualTo("+OK");
        assertThat(((OperatorRequest.AddSlots) bench.asked).slots()).containsExactly(5, 1);
        assertThat(bench.reply("cluster", "delslots", "0")).isEqualTo("+OK");
        assertThat(((OperatorRequest.DelSlots) bench.asked).slots()).containsExactly(0);
        assertThat(bench.reply("CLUSTER", "ADDSLOTSRANGE", "1", "3", "7", "7")).isEqualTo("+OK");
        assertThat(((OperatorRequest.AddSlots) bench.asked).slots()).containsExactly(1, 2, 3, 7);
        assertThat(bench.reply("CLUSTER", "DELSLOTSRANGE", "1", "2")).isEqualTo("+OK");
        assertThat(((OperatorRequest.DelSlots) bench.asked).slots()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            ADDSLOTS 16384           ; ERR Invalid or out of range slot
            ADDSLOTS 1 x             ; ERR Invalid or out of range slot
            DELSLOTS -1              ; ERR Invalid or out of range slot
            ADDSLOTSRANGE 1 2 3      ; ERR wrong number of arguments for 'cluster|addslotsrange' command
            DELSLOTSRANGE 1 2 3      ; ERR wrong number of arguments for 'cluster|delslotsrange' command
            ADDSLOTSRANGE 3 2        ; ERR start slot number 3 is greater than end slot number 2
            ADDSLOTSRANGE 3 y        ; ERR Invalid or out of range slot
            MEET 127.0.0.1 x         ; ERR Invalid base port specified: x
            MEET 127.0.0.1 1 x       ; ERR Invalid bus port specified: x
            MEET 127.0.0.1 1 2 3     ; ERR unknown subcommand or wrong number of arguments for 'MEET'. Try CLUSTER HELP.
            SETSLOT x STABLE         ; ERR Invalid or out of range slot
            SETSLOT 1 UNSTABLE       ; ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP
            SETSLOT 1 STABLE now     ; ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP
            SETSLOT 1 IMPORTING      ; ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP
            SET-CONFIG-EPOCH -1      ; ERR Invalid config epoch specified: -1
            SET-CONFIG-EPOCH x       ; ERR value is not an integer or out of range
            RESET GENTLY             ; ERR syntax error
            RESET SOFT HARD          ; ERR unknown subcommand or wrong number of arguments for 'RESET'. Try CLUSTER HELP.
            FAILOVER NOW             ; ERR syntax error
            COUNTKEYSINSLOT 16384    ; ERR Invalid slot
            COUNTKEYSINSLOT x        ; ERR value is not an integer or out of range
            GETKEYSINSLOT -1 1       ; ERR Invalid slot or number of keys
            GETKEYSINSLOT 1 -1       ; ERR Invalid slot or number of keys
            """)
    void whatMakesNoSenseIsRefusedInRedissWords(String command, String error) {
        assertThat(bench.reply(("CLUSTER " + command).split(" "))).isEqualTo("-" + error);
        assertThat(bench.asked).isNull();
    }

    @Test
    void theMachineDecidesAboutReplicas() {
        NativeMemory memory = NativeMemory.reserve(1 << 26, MemoryOptions.TEST);
        try (Keyspace keyspace = new Keyspace(memory, new KeyHash(1, 2), 1, true, 16)) {
            CommandBench bench = new CommandBench(keyspace);
            assertThat(bench.reply("CLUSTER", "REPLICATE", B)).isEqualTo("+OK");
            assertThat(bench.asked).isEqualTo(new OperatorRequest.Replicate(B, false));
            assertThat(bench.reply("CLUSTER", "FAILOVER")).isEqualTo("+OK");
            assertThat(bench.asked).isEqualTo(new OperatorRequest.Failover(FailoverKind.AGREED));
            assertThat(bench.reply("CLUSTER", "FAILOVER", "force")).isEqualTo("+OK");
            assertThat(bench.asked).isEqualTo(new OperatorRequest.Failover(FailoverKind.FORCE));
            bench.answer = new Output.Answer(1, null, "ERR You should send CLUSTER FAILOVER to a replica");
            assertThat(bench.reply("CLUSTER", "FAILOVER", "TAKEOVER"))
                    .isEqualTo("-ERR You should send CLUSTER FAILOVER to a replica");
            assertThat(bench.asked).isEqualTo(new OperatorRequest.Failover(FailoverKind.TAKEOVER));
        }
    }

    @Test
    void meetTakesTheUsualBusPortUnlessAnotherIsGiven() {
        bench.reply("CLUSTER", "MEET", "10.0.0.9", "7009");
        assertThat(bench.asked).isEqualTo(new OperatorRequest.Meet("10.0.0.9", 7009, 17009));
        bench.reply("CLUSTER", "MEET", "10.0.0.9", "7009", "9009");
        assertThat(bench.asked).isEqualTo(new OperatorRequest.Meet("10.0.0.9", 7009, 9009));
    }

    @Test
    void joiningIsMeetingInOneWord() {
        assertThat(bench.reply("CLUSTERJOIN", "10.0.0.9:7009")).isEqualTo("+OK");
        assertThat(bench.asked).isEqualTo(new OperatorRequest.Meet("10.0.0.9", 7009, 17009));
        assertThat(bench.reply("CLUSTERJOIN", "::1:7009")).isEqualTo("+OK");
        assertThat(bench.asked).isEqualTo(new OperatorRequest.Meet("::1", 7009, 17009));
        assertThat(bench.reply("CLUSTERJOIN", "7009")).isEqualTo("-ERR Invalid node address specified: 7009");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.2:7002", "two.example:7002", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"})
    void aNodeIsForgottenByItsIdOrItsAddress(String name) {
        assertThat(bench.reply("CLUSTER", "FORGET", name)).isEqualTo("+OK");
        assertThat(bench.asked).isEqualTo(new OperatorRequest.Forget(B));
    }

    @Test
    void theMachineIsToldOfAForgottenNodeThatIsNotKnownHere() {
        bench.answer = new Output.Answer(1, null, "ERR Unknown node :7002");
        assertThat(bench.reply("CLUSTER", "FORGET", ":7002")).isEqualTo("-ERR Unknown node :7002");
    }

    @Test
    void theMachinesAnswerIsTheReply() {
        bench.answer = new Output.Answer(1, "BUMPED 5", null);
        assertThat(bench.reply("CLUSTER", "BUMPEPOCH")).isEqualTo("+BUMPED 5");
        bench.answer = new Output.Answer(1, "2", null);
        assertThat(bench.reply("CLUSTER", "COUNT-FAILURE-REPORTS", B)).isEqualTo(":2");
        bench.answer = new Output.Answer(1, null, "ERR Node config epoch is already non-zero");
        assertThat(bench.reply("CLUSTER", "SET-CONFIG-EPOCH", "5")).isEqualTo("-ERR Node config epoch is already non-zero");
    }

    @Test
    void theSlotOfAKeyIsThatOfItsTag() {
        assertThat(bench.reply("CLUSTER", "KEYSLOT", "foo")).isEqualTo(":12182");
        assertThat(bench.reply("CLUSTER", "KEYSLOT", "{foo}.bar")).isEqualTo(":12182");
    }
}
