package io.granary.node.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.cluster.MadeUpView;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order in which Redis finds reasons to send a client away, and the texts in which it says so. */
final class RouterTest {

    private static final int MINE = 100;
    private static final int THEIRS = 200;
    private static final int NOBODYS = 300;
    private static final int MIGRATING = 400;
    private static final int IMPORTING = 500;

    private static final NodeView ME = node('a', "10.0.0.1", 7001, NodeFlag.MYSELF, NodeFlag.PRIMARY);
    private static final NodeView PEER = node('b', "10.0.0.2", 7002, NodeFlag.PRIMARY);
    private static final NodeView REPLICA = replica('c', "10.0.0.3", 7003, PEER);

    /**
     * {@code keys}: how many keys the node holds of how many that the request has, as in {@code 1/2}. {@code crossing}
     * slots are written {@code slot+}.
     */
    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            # slot      | cluster | client                | keys | route
            none        | ok      | write                 | 0/0  | here
            none        | down    | write                 | 0/0  | here
            mine        | ok      | write                 | 1/1  | here
            mine        | ok      | write                 | 0/1  | here
            theirs      | ok      | read                  | 0/1  | MOVED 200 10.0.0.2:7002
            theirs      | ok      | read asking           | 0/1  | MOVED 200 10.0.0.2:7002
            theirs      | ok      | read readonly         | 0/1  | MOVED 200 10.0.0.2:7002
            nobodys     | ok      | read                  | 0/1  | CLUSTERDOWN Hash slot not served
            nobodys     | down    | read reads-when-down  | 0/1  | CLUSTERDOWN Hash slot not served
            nobodys+    | ok      | read                  | 0/2  | CLUSTERDOWN Hash slot not served
            mine+       | ok      | write                 | 1/2  | CROSSSLOT Keys in request don't hash to the same slot
            mine+       | down    | write                 | 1/2  | CROSSSLOT Keys in request don't hash to the same slot
            mine        | down    | write                 | 1/1  | CLUSTERDOWN The cluster is down
            mine        | down    | read                  | 1/1  | CLUSTERDOWN The cluster is down
            theirs      | down    | read                  | 0/1  | CLUSTERDOWN The cluster is down
            mine        | down    | read reads-when-down  | 1/1  | here
            mine        | down    | write reads-when-down | 1/1  | CLUSTERDOWN The cluster is down and only accepts read commands
            theirs      | down    | read reads-when-down  | 1/1  | MOVED 200 10.0.0.2:7002
            migrating   | ok      | write                 | 1/1  | here
            migrating   | ok      | write                 | 2/2  | here
            migrating   | ok      | write                 | 0/1  | ASK 400 10.0.0.2:7002
            migrating   | ok      | write                 | 0/2  | ASK 400 10.0.0.2:7002
            migrating   | ok      | write                 | 1/2  | TRYAGAIN Multiple keys request during rehashing of slot
            migrating   | down    | write                 | 0/1  | CLUSTERDOWN The cluster is down
            importing   | ok      | write                 | 1/1  | MOVED 500 10.0.0.2:7002
            importing   | ok      | write asking          | 1/1  | here
            importing   | ok      | write asking          | 0/1  | here
            importing   | ok      | write asking          | 2/2  | here
            importing   | ok      | write asking          | 0/2  | TRYAGAIN Multiple keys request during rehashing of slot
            importing   | ok      | write asking          | 1/2  | TRYAGAIN Multiple keys request during rehashing of slot
            """)
    void aPrimaryRoutes(String slot, String cluster, String client, String keys, String route) {
        assertThat(routed(ME, slot, cluster, client, keys)).isEqualTo(route);
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource(delimiter = '|', textBlock = """
            theirs      | ok      | read                  | 1/1  | MOVED 200 10.0.0.2:7002
            theirs      | ok      | read readonly         | 1/1  | here
            theirs      | ok      | write readonly        | 1/1  | MOVED 200 10.0.0.2:7002
            """)
    void aReplicaRoutes(String slot, String cluster, String client, String keys, String route) {
        assertThat(routed(REPLICA, slot, cluster, client, keys)).isEqualTo(route);
    }

    @Test
    void theSameKeyTwiceIsNoSeveralKeys() {
        Route route = Router.route(view(ME, true), IMPORTING, new Router.Terms(true, true, false, false), census -> {
            census.count(MemorySegment.ofArray(new byte[] {'k'}), false);
            census.count(MemorySegment.ofArray(new byte[] {'k'}), false);
        });
        assertThat(route).isEqualTo(new Route.Here(IMPORTING));
    }

    @Test
    void onlyAServedAndSettledSlotOfOursRunsWithoutQuestions() {
        NodeView[] owners = owners(ME);
        ClusterView settled = MadeUpView.of(ME, List.of(ME, PEER), owners, Map.of(), Map.of(), true, 1, 2);
        assertThat(Router.runsHere(settled, MINE)).isTrue();
        assertThat(Router.runsHere(settled, Router.NO_KEYS)).isTrue();
        assertThat(Router.runsHere(settled, THEIRS)).isFalse();
        assertThat(Router.runsHere(settled, NOBODYS)).isFalse();
        assertThat(Router.runsHere(settled, Router.join(MINE, THEIRS))).isFalse();
        assertThat(Router.runsHere(view(ME, true), MINE)).as("something migrates").isFalse();
        ClusterView down = MadeUpView.of(ME, List.of(ME, PEER), owners, Map.of(), Map.of(), false, 1, 2);
        assertThat(Router.runsHere(down, MINE)).isFalse();
        assertThat(Router.runsHere(down, Router.NO_KEYS)).isTrue();
    }

    @Test
    void theQueuedCommandsOfATransactionShareOneSlot() {
        int none = Router.NO_KEYS;
        assertThat(Router.join(none, none)).isEqualTo(none);
        assertThat(Router.join(none, MINE)).isEqualTo(MINE);
        assertThat(Router.join(MINE, none)).isEqualTo(MINE);
        assertThat(Router.join(MINE, MINE)).isEqualTo(MINE);
        int crossing = Router.join(MINE, NOBODYS);
        assertThat(crossing).isNegative().isNotEqualTo(none);
        assertThat(Router.join(crossing, NOBODYS)).isEqualTo(crossing);
        assertThat(Router.join(none, crossing)).isEqualTo(crossing);
    }

    @ParameterizedTest
    @CsvSource({
        "IP, false, MOVED 5 10.0.0.9:7009",
        "IP, true, MOVED 5 10.0.0.9:7109",
        "HOSTNAME, false, MOVED 5 nine.example:7009",
        "UNKNOWN_ENDPOINT, false, MOVED 5 :7009",
    })
    void aRedirectNamesThePreferredEndpoint(PreferredEndpoint endpoint, boolean tls, String error) {
        NodeView nine = new NodeView(
                id('9'), "10.0.0.9", 7009, 7109, 17009, "nine.example", "", "", Set.of(NodeFlag.PRIMARY), null, 0, 0, 1,
                true, 0);
        assertThat(new Route.Moved(5, nine).error(endpoint, tls)).isEqualTo(error);
    }

    @Test
    void aNodeWithoutAHostnameIsAQuestionMark() {
        assertThat(new Route.Ask(5, PEER).error(PreferredEndpoint.HOSTNAME, false)).isEqualTo("ASK 5 ?:7002");
    }

    private static String routed(NodeView myself, String slot, String cluster, String client, String keys) {
        List<String> words = Arrays.asList(client.split(" "));
        Router.Terms terms = new Router.Terms(
                words.contains("write"),
                words.contains("asking"),
                words.contains("readonly"),
                words.contains("reads-when-down"));
        Route route = Router.route(view(myself, cluster.equals("ok")), code(slot), terms, counting(keys));
        return route instanceof Route.Here ? "here" : route.error(PreferredEndpoint.IP, false);
    }

    private static int code(String slot) {
        return switch (slot) {
            case "none" -> Router.NO_KEYS;
            case "mine" -> MINE;
            case "theirs" -> THEIRS;
            case "nobodys" -> NOBODYS;
            case "migrating" -> MIGRATING;
            case "importing" -> IMPORTING;
            case "mine+" -> Router.join(MINE, THEIRS);
            case "nobodys+" -> Router.join(NOBODYS, MINE);
            default -> fail("no slot " + slot);
        };
    }

    private static Consumer<KeyCensus> counting(String keys) {
        int held = keys.charAt(0) - '0';
        int all = keys.charAt(2) - '0';
        return census -> {
            for (int i = 0; i < all; i++) {
                census.count(MemorySegment.ofArray(new byte[] {(byte) i}), i < held);
            }
        };
    }

    private static ClusterView view(NodeView myself, boolean ok) {
        return MadeUpView.of(
                myself,
                List.of(ME, PEER, REPLICA),
                owners(myself),
                myself == ME ? Map.of(MIGRATING, PEER) : Map.of(),
                myself == ME ? Map.of(IMPORTING, PEER) : Map.of(),
                ok,
                1,
                2);
    }

    private static NodeView[] owners(NodeView myself) {
        NodeView[] owners = new NodeView[ClusterView.SLOTS];
        owners[MINE] = myself;
        owners[MIGRATING] = myself;
        owners[THEIRS] = PEER;
        owners[IMPORTING] = PEER;
        return owners;
    }

    private static NodeView node(char digit, String ip, int port, NodeFlag... flags) {
        return new NodeView(id(digit), ip, port, 0, port + 10000, "", "", "", Set.of(flags), null, 0, 0, 1, true, 0);
    }

    private static NodeView replica(char digit, String ip, int port, NodeView primary) {
        return new NodeView(
                id(digit), ip, port, 0, port + 10000, "", "", "", Set.of(NodeFlag.MYSELF, NodeFlag.REPLICA),
                primary.id(), 0, 0, 1, true, 0);
    }

    private static NodeId id(char digit) {
        return new NodeId(String.valueOf(digit).repeat(NodeId.LENGTH));
    }
}
