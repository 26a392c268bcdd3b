package io.granary.tools.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.granary.tools.trial.RedisTools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.exceptions.JedisException;

/** The image and the compose file as users have them: one cluster, told from its first start to its end. */
@Tag("docker")
@EnabledIfEnvironmentVariable(named = "TESTCONTAINERS_RYUK_DISABLED", matches = "true",
        disabledReason = "Testcontainers wants to be told what tools/pom.xml tells it")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComposeTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int KEYS = 100;
    private static final long IMAGE_BYTES_MAX = 110_000_000;

    private ComposeCluster cluster;

    @BeforeAll
    void up() throws Exception {
        Path root = Path.of("").toAbsolutePath();
        while (!root.resolve("docker-compose.yml").toFile().exists()) {
            root = root.getParent();
        }
        String obstacle = ComposeCluster.obstacle(root);
        assumeTrue(obstacle == null, () -> "The compose file is not tried: " + obstacle);
        cluster = ComposeCluster.of(root);
        cluster.up();
    }

    @AfterAll
    void remove() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private boolean saysOk(int port) {
        try (Jedis node = new Jedis("localhost", port)) {
            return node.clusterInfo().contains("cluster_state:ok");
        } catch (JedisException _) {
            return false;
        }
    }

    /** A replica that has nothing yet succeeds nobody. */
    private boolean isInStep(int port) {
        try (Jedis node = new Jedis("localhost", port)) {
            String replication = node.info("replication");
            return replication.contains("role:master") || replication.contains("master_link_status:up");
        } catch (JedisException _) {
            return false;
        }
    }

    private String nodes(int node) {
        try (Jedis client = new Jedis("localhost", cluster.port(node))) {
            return client.clusterNodes();
        }
    }

    private RedisClusterClient client() {
        return RedisClusterClient.create(Set.of(new HostAndPort("localhost", cluster.port(2))));
    }

    @Test
    @Order(1)
    void theClusterFormsByItself() throws Exception {
        await().atMost(PATIENCE).until(() -> cluster.ports().stream().allMatch(this::saysOk));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodes(1).lines()).hasSize(ComposeCluster.NODES)
                .filteredOn(line -> line.contains("slave")).hasSize(3));
        await().atMost(PATIENCE).until(() -> cluster.health(1).equals("healthy"));
        assertThat(ComposeCluster.imageBytes()).isLessThanOrEqualTo(IMAGE_BYTES_MAX);
        assertThat(cluster.user(1)).isEqualTo("1000");
    }

    @Test
    @Order(2)
    void clientsOfTheHostAreToldItsName() {
        try (RedisClusterClient client = client()) {
            for (int i = 0; i < KEYS; i++) {
                client.set("key:" + i, "value:" + i);
            }
            // replicas are listed as soon as they have their primary's data
            List<String> names = cluster.ports().stream().map(port -> "localhost:" + port).toList();
            assertThat(client.getClusterNodes().keySet()).isSubsetOf(names).containsAll(names.subList(0, 3));
        }
    }

    @Test
    @Order(3)
    void redisCliOfTheHostFollowsRedirects(@TempDir Path folder) throws Exception {
        RedisTools.assumeInstalled();
        String port = Integer.toString(cluster.port(1));
        for (int i = 0; i < KEYS; i += 10) {
            assertThat(RedisTools.cli(folder, "-c", "-p", port, "GET", "key:" + i)).contains("value:" + i);
        }
        assertThat(RedisTools.cli(folder, "--cluster", "check", "127.0.0.1:" + port))
                .contains("[OK] All 16384 slots covered.");
    }

    @Test
    @Order(4)
    void clientsInContainersAreToldAddresses() throws Exception {
        try (GenericContainer<?> beside = new GenericContainer<>(ComposeCluster.IMAGE)) {
            beside.withImagePullPolicy(_ -> false).withNetworkMode(cluster.networkName()).withCommand("sleep", "600");
            for (String entry : System.getProperty("java.class.path").split(":")) {
                Path jar = Path.of(entry);
                if (entry.endsWith(".jar") && Stream.of("jedis", "commons-pool", "json", "gson", "slf4j-api", "authx")
                        .anyMatch(jar.getFileName().toString()::contains)) {
                    beside.withCopyFileToContainer(MountableFile.forHostPath(jar), "/client/" + jar.getFileName());
                }
            }
            String program = ClientInside.class.getName().replace('.', '/') + ".class";
            beside.withCopyFileToContainer(MountableFile.forClasspathResource(program), "/client/" + program);
            beside.start();
            ExecResult result = beside.execInContainer("/opt/granary/runtime/bin/java", "-cp", "/client:/client/*",
                    ClientInside.class.getName(), "node4", Integer.toString(cluster.port(4)));
            assertThat(result.getStdout()).as(result.getStderr()).contains(ClientInside.KEYS + " keys at ")
                    .contains(cluster.address(1) + ":" + cluster.port(1)).doesNotContain("localhost");
            String table = beside.execInContainer(
                    "redis-cli", "-h", "node4", "-p", Integer.toString(cluster.port(4)), "CLUSTER", "NODES").getStdout();
            assertThat(table.strip().lines()).hasSize(ComposeCluster.NODES).noneMatch(line -> line.contains("localhost"));
        }
    }

    @Test
    @Order(5)
    void aKilledContainerIsReplacedByItsReplica() {
        await().atMost(PATIENCE).until(() -> cluster.ports().stream().allMatch(this::isInStep));
        String before = nodes(2);
        cluster.kill(1);
        try (RedisClusterClient client = client()) {
            for (int i = 0; i < KEYS; i++) {
                int key = i;
                await().atMost(PATIENCE).ignoreExceptionsInstanceOf(JedisException.class)
                        .until(() -> client.set("key:" + key, "again:" + key).equals("OK"));
            }
        }
        String id = idAt(before, cluster.address(1));
        assertThat(nodes(2).lines()).filteredOn(line -> line.startsWith(id)).allMatch(line -> line.contains("fail"));
        cluster.start(1);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodes(2).lines())
                .filteredOn(line -> line.startsWith(id)).hasSize(1)
                .allMatch(line -> line.contains(" slave ") && line.endsWith(" connected")));
    }

    private static String idAt(String nodes, String address) {
        List<String> lines = nodes.lines().filter(line -> line.contains(" " + address + ":")).toList();
        assertThat(lines).hasSize(1);
        return lines.getFirst().substring(0, 40);
    }

    @Test
    @Order(6)
    void downAndUpIsTheSameClusterWithItsData() {
        String before = nodes(2);
        cluster.down();
        cluster.up();
        await().atMost(PATIENCE).until(() -> cluster.ports().stream().allMatch(this::saysOk));
        for (int node = 1; node <= ComposeCluster.NODES; node++) {
            assertThat(idAt(nodes(2), cluster.address(node))).isEqualTo(idAt(before, cluster.address(node)));
        }
        try (RedisClusterClient client = client()) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(client.get("key:" + i)).isEqualTo("again:" + i);
            }
        }
    }
}
