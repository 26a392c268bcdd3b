package io.granary.node.formation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.granary.gossip.ClusterView;
import io.granary.gossip.NodeFlag;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.node.Clock;
import io.granary.node.Node;
import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import io.granary.node.process.Shutdown;
import io.granary.node.process.StartFailure;
import io.granary.slots.transcript.FreePorts;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes that are started with the same list of seeds, in this JVM. */
class ClusterFormationTest {

    private static final int NODES = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final Node[] nodes = new Node[NODES];
    private final ByteArrayOutputStream[] logs = new ByteArrayOutputStream[NODES];
    private List<Integer> ports = freePorts();

    private static List<Integer> freePorts() {
        Set<Integer> ports = Stream.generate(FreePorts::next).distinct().limit(NODES).collect(Collectors.toSet());
        return List.copyOf(ports);
    }

    private void start(int index, String... directives) throws StartFailure {
        String seeds = ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        List<String> arguments = new ArrayList<>(List.of(
                "--port", ports.get(index).toString(), "--bind", "127.0.0.1", "--io-threads", "1", "--save", "",
                "--dir", directory(index).toString(), "--loglevel", "verbose", "--cluster-enabled", "yes",
                "--cluster-seed-nodes", seeds, "--cluster-init-primaries", "3", "--cluster-init-replicas", "1"));
        arguments.addAll(List.of(directives));
        Configuration configuration = Configuration.of(arguments.toArray(String[]::new));
        logs[index] = new ByteArrayOutputStream();
        nodes[index] = new Node(configuration, NodeLog.open(configuration, logs[index]), Clock.SYSTEM, new Shutdown());
        nodes[index].start();
    }

    private Path directory(int index) {
        Path directory = folder.resolve("node" + index);
        assertThat(directory.toFile().isDirectory() || directory.toFile().mkdir()).isTrue();
        return directory;
    }

    @AfterEach
    void stop() {
        for (int i = 0; i < NODES; i++) {
            if (nodes[i] != null) {
                nodes[i].stop();
                nodes[i] = null;
            }
        }
    }

    private ClusterView view(int index) {
        return nodes[index].cluster().view();
    }

    private String log(int index) {
        return logs[index].toString(StandardCharsets.UTF_8);
    }

    private boolean isFormed() {
        return Stream.iterate(0, i -> i < NODES, i -> i + 1).allMatch(i -> {
            ClusterView view = view(i);
            return view.ok() && view.size() == 3 && view.nodes().size() == NODES
                    && view.nodes().stream().filter(node -> node.is(NodeFlag.REPLICA)).count() == 3
                    && view.nodes().stream().allMatch(node -> node.linked() || node.is(NodeFlag.MYSELF));
        });
    }

    private List<NodeId> ids() {
        return Stream.iterate(0, i -> i < NODES, i -> i + 1).map(i -> view(i).myself().id()).toList();
    }

    @Test
    void theClusterIsFormedWhenTheLastSeedHasCome() throws Exception {
        String[] secret = {"--requirepass", "secret", "--masterauth", "secret"};
        for (int i : new int[] {0, 4, 2, 5, 1}) {
            start(i, secret);
        }
        await().atMost(PATIENCE).until(() -> log(0).contains(ports.get(3) + " is missing"));
        await().atMost(PATIENCE).until(() -> log(1).contains("has not founded the cluster yet"));
        assertThat(view(0).nodes()).hasSize(1);
        assertThat(view(0).ranges()).isEmpty();
        start(3, secret);
        await().atMost(PATIENCE).until(this::isFormed);
        assertThat(view(5).ranges()).extracting(ClusterView.OwnedRange::first).containsExactly(0, 5461, 10922);
        assertThat(view(5).ranges()).extracting(range -> range.owner().port())
                .containsExactly(ports.get(0), ports.get(1), ports.get(2));
        assertThat(view(5).myself().primary()).isEqualTo(view(2).myself().id());
    }

    @Test
    void nodesThatHaveAllMovedFindEachOther() throws Exception {
        for (int i = 0; i < NODES; i++) {
            start(i);
        }
        await().atMost(PATIENCE).until(this::isFormed);
        List<NodeId> before = ids();
        stop();
        List<Integer> old = ports;
        // some at addresses where another one was
        Stream<Integer> others = Stream.generate(FreePorts::next).filter(port -> !old.contains(port)).distinct().limit(3);
        ports = Stream.concat(old.subList(2, 5).stream(), others).toList();
        for (int i = 0; i < NODES; i++) {
            start(i);
        }
        await().atMost(PATIENCE).until(this::isFormed);
        assertThat(ids()).isEqualTo(before);
        assertThat(view(0).nodes()).extracting(NodeView::port).containsExactlyInAnyOrderElementsOf(ports);
    }

    @Test
    void differentPlansAreNoPlan() throws Exception {
        for (int i = 0; i < NODES; i++) {
            if (i == 5) {
                start(i, "--cluster-init-replicas", "0");
            } else {
                start(i);
            }
        }
        await().atMost(PATIENCE).until(() -> log(0).contains(ports.get(5) + " has other values of cluster-seed-nodes"));
        assertThat(view(0).ranges()).isEmpty();
    }
}
