package io.granary.node.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.client.LoopFixture.Peer;
import io.granary.node.cluster.MadeUpView;
import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition.PausePurpose;
import io.granary.resp.RequestEncoder;
import io.granary.slots.Slot;
import io.granary.slots.command.Command;
import io.granary.slots.command.CommandFlag;
import io.granary.slots.command.Group;
import io.granary.slots.command.KeyFlag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one session leaves behind for the others of its event loop, and how it takes requests that come in odd parts. */
class ClientSessionTest {

    private static final List<Command<NodeCall>> FAULTY = List.of(
            Command.<NodeCall>of("FAULTY", "key", call -> {
                call.reply().bulk("half a reply");
                throw new UnsupportedOperationException("meant");
            }).doc("1.0.0", "O(1)", "Fails.").group(Group.GENERIC).flags(CommandFlag.READONLY).keys(KeyFlag.RO));

    private static String request(String... arguments) {
        return new String(RequestEncoder.encode(arguments), StandardCharsets.ISO_8859_1);
    }

    private static boolean isFree(LoopFixture loop) {
        return CompletableFuture.supplyAsync(() -> {
            boolean taken = loop.keyspace.lock(0).tryLock();
            if (taken) {
                loop.keyspace.lock(0).unlock();
            }
            return taken;
        }).join();
    }

    // ---- faults ----

    @Test
    void whatAFailedCommandHasWrittenReachesNobody() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            Peer failing = loop.connect();
            Peer other = loop.connect();
            assertThat(failing.send(request("PING") + request("FAULTY", "k") + request("PING"))).isEmpty();
            assertThat(failing.channel().isOpen()).isFalse();
            assertThat(other.send(request("ECHO", "mine"))).isEqualTo("$4\r\nmine\r\n");
        }
    }

    @Test
    void aFailedCommandGivesItsLockBack() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            loop.connect().send(request("FAULTY", "k"));
            assertThat(isFree(loop)).isTrue();
        }
    }

    @Test
    void aFailureInExecLeavesNeitherLocksNorWatchedKeysBehind() {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            Peer failing = loop.connect();
            failing.send(request("WATCH", "w") + request("MULTI") + request("FAULTY", "k") + request("PING"));
            assertThat(failing.send(request("EXEC"))).isEmpty();
            assertThat(isFree(loop)).isTrue();
            assertThat(failing.session().transaction().running()).isFalse();
            assertThat(failing.session().transaction().bytes()).isZero();
            assertThat(failing.session().transaction().watchedCount()).isZero();
            assertThat(loop.connect().send(request("SET", "w", "1"))).isEqualTo("+OK\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nhalf of it",
        "*1000000\r\n$3\r\nDEL\r\n$1\r\nk\r\n", "ECHO half of a line",
        "MULTI\r\nSET k v\r\nGET k\r\n", "MULTI\r\nFAULTY k\r\nEXEC\r\nPING\r\n",
        "WATCH a b c\r\nPING\r\n", "PING\r\nQUIT\r\nPING\r\n",
        "PING\r\n*x\r\nPING\r\n", "FAULTY k\r\nPING\r\n", "MONITOR\r\nPING\r\n", "CLIENT PAUSE 100000\r\nPING\r\nPING\r\n",
        "CLIENT KILL TYPE NORMAL SKIPME NO\r\nPING\r\n"})
    void whoeverGoesLeavesNoMemoryBehind(String sent) {
        try (LoopFixture loop = new LoopFixture(FAULTY)) {
            loop.connect().send("SET k v\r\n");
            long before = loop.allocator.metric().usedDirectMemory();
            for (int i = 0; i < 20; i++) {
                Peer peer = loop.connect();
                peer.send(sent);
                peer.send("and more of it\r\n".repeat(10_000));
                peer.session().close();
                peer.channel().finishAndReleaseAll();
            }
            loop.condition.resume(PausePurpose.OPERATOR);
            loop.connect().send("SET k v\r\n");
            assertThat(loop.allocator.metric().usedDirectMemory()).isEqualTo(before);
            assertThat(loop.registry.watchedKeys()).isZero();
            assertThat(loop.registry.monitors().any()).isFalse();
        }
    }

    // ---- odd parts ----

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void pausesAndPartsDoNotDisturbTheOrder(long seed) {
        Random random = new Random(seed);
        StringBuilder requests = new StringBuilder();
        StringBuilder replies = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            String message = "m".repeat(random.nextInt(random.nextInt(10) == 0 ? 30_000 : 20)) + i;
            String reply = "$" + message.length() + "\r\n" + message + "\r\n";
            switch (random.nextInt(5)) {
                case 0 -> requests.append("ECHO ").append(message).append("\r\n");
                case 1 -> requests.append("\r\n*0\r\n").append(request("ECHO", message));
                case 2 -> {
                    requests.append(request("MULTI")).append("ECHO ").append(message).append("\r\n").append(request("EXEC"));
                    replies.append("+OK\r\n+QUEUED\r\n*1\r\n");
                }
                default -> requests.append(request("ECHO", message));
            }
            replies.append(reply);
        }
        try (LoopFixture loop = new LoopFixture(List.of())) {
            Peer peer = loop.connect();
            StringBuilder received = new StringBuilder();
            boolean paused = false;
            for (int at = 0; at < requests.length(); ) {
                int end = Math.min(requests.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 60_000 : 200));
                received.append(peer.send(requests.substring(at, end)));
                at = end;
                if (random.nextInt(8) == 0) {
                    if (paused) {
                        loop.condition.resume(PausePurpose.OPERATOR);
                    } else {
                        loop.condition.pause(PausePurpose.OPERATOR, true, Long.MAX_VALUE);
                    }
                    paused = !paused;
                }
            }
            loop.condition.resume(PausePurpose.OPERATOR);
            received.append(peer.received());
            assertThat(received.toString()).as("seed " + seed).isEqualTo(replies.toString());
        }
    }

    @Test
    void theMemoryOfAHugeRequestIsNotKeptForTheFirstByteOfTheNext() {
        try (LoopFixture loop = new LoopFixture(List.of())) {
            Peer peer = loop.connect();
            String huge = request("SET", "k", "v".repeat(5_000_000)) + "*";
            assertThat(peer.send(huge)).isEqualTo("+OK\r\n");
            assertThat(peer.session().inputBytes()).isEqualTo(1);
            assertThat(peer.session().inputCapacity()).isLessThan(64 * 1024);
            assertThat(peer.send("1\r\n$4\r\nPING\r\n")).isEqualTo("+PONG\r\n");
        }
    }

    @Test
    void manyCommandsMayBeQueued() {
        try (LoopFixture loop = new LoopFixture(List.of())) {
            Peer peer = loop.connect();
            peer.send(request("MULTI"));
            String some = request("INCR", "counter").repeat(1_000);
            for (int i = 0; i < 20; i++) {
                assertThat(peer.send(some)).isEqualTo("+QUEUED\r\n".repeat(1_000));
            }
            assertThat(peer.send(request("EXEC"))).startsWith("*20000\r\n:1\r\n:2\r\n").endsWith(":19999\r\n:20000\r\n");
            assertThat(peer.session().transaction().bytes()).isZero();
        }
    }

    // ---- pushes ----

    @Test
    void aMonitorSeesItsOwnCommandsBetweenItsReplies() {
        try (LoopFixture loop = new LoopFixture(List.of())) {
            Peer monitor = loop.connect();
            String all = monitor.send(request("MONITOR") + request("ECHO", "a") + request("ECHO", "b"));
            assertThat(all.replaceAll("\\+\\d+\\.\\d+ ", "+TIME ")).isEqualTo("+OK\r\n"
                    + "$1\r\na\r\n+TIME [0 127.0.0.1:1] \"ECHO\" \"a\"\r\n"
                    + "$1\r\nb\r\n+TIME [0 127.0.0.1:1] \"ECHO\" \"b\"\r\n");
        }
    }

    @Test
    void aMonitorsOwnTransactionIsNotTornApart() {
        try (LoopFixture loop = new LoopFixture(List.of())) {
            Peer monitor = loop.connect();
            monitor.send(request("MONITOR"));
            String all = monitor.send(request("MULTI") + request("ECHO", "a") + request("ECHO", "b") + request("EXEC"));
            assertThat(all).contains("*2\r\n$1\r\na\r\n$1\r\nb\r\n");
        }
    }

    @Test
    void aHugeArgumentIsShownToMonitorsInPart() {
        try (LoopFixture loop = new LoopFixture(List.of())) {
            Peer monitor = loop.connect();
            monitor.send(request("MONITOR"));
            loop.connect().send(request("ECHO", "m".repeat(100_000)));
            assertThat(monitor.received()).hasSizeLessThan(70_000).endsWith("m\"... (34464 more bytes)\r\n");
        }
    }

    // ---- the cluster ----

    private static LoopFixture inCluster(String foreignKey, String importedKey) {
        NodeView me = node('a', NodeFlag.MYSELF);
        NodeView peer = node('b', NodeFlag.PRIMARY);
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        Arrays.fill(owners, me);
        owners[slot(foreignKey)] = peer;
        owners[slot(importedKey)] = peer;
        ClusterView view = MadeUpView.of(
                me, List.of(me, peer), owners, Map.of(), Map.of(slot(importedKey), peer), true, 1, 2);
        return new LoopFixture(List.of(), () -> view);
    }

    private static NodeView node(char digit, NodeFlag flag) {
        String id = String.valueOf(digit).repeat(NodeId.LENGTH);
        return new NodeView(new NodeId(id), "10.0.0.1", 1, 0, 2, "", "", id, Set.of(flag), null, 0, 0, 1, true, 0);
    }

    private static int slot(String key) {
        return Slot.of(key.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aRedirectedRequestCountsAsRejectedAndNotAsCalled() {
        try (LoopFixture loop = inCluster("foreign", "imported")) {
            assertThat(loop.connect().send(request("GET", "foreign"))).startsWith("-MOVED ");
            int get = loop.table.find("get").index();
            assertThat(loop.statistics.rejected(get)).isOne();
            assertThat(loop.statistics.calls(get)).isZero();
            assertThat(loop.statistics.failed(get)).isZero();
        }
    }

    @Test
    void askingHoldsForTheNextCommandHoweverOftenItIsSaid() {
        try (LoopFixture loop = inCluster("foreign", "imported")) {
            Peer peer = loop.connect();
            assertThat(peer.send(request("ASKING") + request("ASKING") + request("GET", "imported")))
                    .isEqualTo("+OK\r\n+OK\r\n$-1\r\n");
            assertThat(peer.send(request("GET", "imported"))).startsWith("-MOVED ");
        }
    }

    @Test
    void theLocksOfATransactionAreThoseOfItsSlotAndOfWatchedKeys() {
        try (LoopFixture loop = inCluster("foreign", "imported")) {
            Peer peer = loop.connect();
            List<String> sent = new ArrayList<>(List.of(request("WATCH", "{b}1"), request("MULTI")));
            sent.add(request("SET", "{a}1", "x"));
            sent.add(request("MGET", "{a}1", "{a}2"));
            assertThat(peer.send(String.join("", sent))).isEqualTo("+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n");
            assertThat(peer.send(request("EXEC"))).isEqualTo("*2\r\n+OK\r\n*2\r\n$1\r\nx\r\n$-1\r\n");
        }
    }
}
