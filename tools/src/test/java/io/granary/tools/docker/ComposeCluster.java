package io.granary.tools.docker;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.ContainerState;
import org.testcontainers.containers.DockerComposeContainer;
import org.testcontainers.lifecycle.Startable;

/** The nodes of docker-compose.yml, on free ports and a network of their own, run by whichever Compose this machine has. */
final class ComposeCluster implements AutoCloseable {

    static final String IMAGE = "granary:test";
    static final int NODES = 6;

    private static final int BUILD_MINUTES_MAX = 15;
    private static final int PREFIX_LEAST = 1100;
    private static final int PREFIX_MOST = 2200;

    private final int portPrefix = freePortPrefix();
    private final String network = "172.30." + ThreadLocalRandom.current().nextInt(80, 250);
    private final Startable compose;

    private ComposeCluster(Path file) throws IOException, InterruptedException {
        Map<String, String> variables = Map.of(
                "GRANARY_IMAGE", IMAGE, "GRANARY_PORTS", Integer.toString(portPrefix), "GRANARY_NET", network,
                "GRANARY_NETWORK", networkName());
        compose = succeeds("docker", "compose", "version")
                ? new ComposeContainer("granary", file.toFile()).withEnv(variables).withPull(false).withRemoveVolumes(false)
                : new DockerComposeContainer<>("granary", file.toFile())
                        .withEnv(variables).withPull(false).withRemoveVolumes(false);
    }

    /** Why there can be no such cluster on this machine; null if there can. */
    static String obstacle(Path root) throws IOException, InterruptedException {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return "no Docker to be reached";
        }
        if (!succeeds("docker", "compose", "version") && !succeeds("docker-compose", "version")) {
            return "neither docker compose nor docker-compose installed";
        }
        return Files.exists(root.resolve("target/dist/lib/built")) ? null : "no target/dist: mvnw package makes it";
    }

    /** Builds the image and the first containers; returns before they serve. */
    static ComposeCluster of(Path root) throws IOException, InterruptedException {
        Path log = root.resolve("target/build-image-test.log");
        ProcessBuilder build = new ProcessBuilder(root.resolve("docker/build-image").toString(), IMAGE)
                .redirectErrorStream(true).redirectOutput(log.toFile());
        build.environment().put("GRANARY_NO_BUILD", "yes");
        Process process = build.start();
        if (!process.waitFor(BUILD_MINUTES_MAX, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("docker/build-image failed:\n" + Files.readString(log, StandardCharsets.UTF_8));
        }
        return new ComposeCluster(root.resolve("docker-compose.yml"));
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    /** The published ports are this number and a digit from 1 to 6. */
    private static int freePortPrefix() {
        int prefix;
        do {
            prefix = ThreadLocalRandom.current().nextInt(PREFIX_LEAST, PREFIX_MOST);
        } while (!isFree(prefix));
        return prefix;
    }

    private static boolean isFree(int prefix) {
        return IntStream.rangeClosed(1, NODES).allMatch(node -> {
            try (ServerSocket _ = new ServerSocket(10 * prefix + node, 1, InetAddress.getLoopbackAddress())) {
                return true;
            } catch (IOException _) {
                return false;
            }
        });
    }

    void up() {
        compose.start();
    }

    /** The containers go, their volumes stay. */
    void down() {
        compose.stop();
    }

    /** The port of a node, from 1, inside and outside. */
    int port(int node) {
        return 10 * portPrefix + node;
    }

    List<Integer> ports() {
        return IntStream.rangeClosed(1, NODES).mapToObj(this::port).toList();
    }

    /** The address of a node in its network. */
    String address(int node) {
        return network + ".1" + node;
    }

    private ContainerState container(int node) {
        String service = "node" + node;
        return (compose instanceof ComposeContainer current
                ? current.getContainerByServiceName(service)
                : ((DockerComposeContainer<?>) compose).getContainerByServiceName(service)).orElseThrow();
    }

    private static DockerClient docker() {
        return DockerClientFactory.lazyClient();
    }

    /** The name of the network that the nodes are in. */
    String networkName() {
        return "granary-test-" + portPrefix;
    }

    void kill(int node) {
        docker().killContainerCmd(container(node).getContainerId()).exec();
    }

    void start(int node) {
        docker().startContainerCmd(container(node).getContainerId()).exec();
    }

    String health(int node) {
        return docker().inspectContainerCmd(container(node).getContainerId()).exec().getState().getHealth().getStatus();
    }

    String user(int node) throws IOException, InterruptedException {
        return container(node).execInContainer("id", "-u").getStdout().strip();
    }

    static long imageBytes() {
        return docker().inspectImageCmd(IMAGE).exec().getSize();
    }

    /** Leaves nothing behind but the image. */
    @Override
    public void close() {
        String volume = docker().inspectContainerCmd(container(1).getContainerId()).exec().getMounts().getFirst().getName();
        String project = volume.substring(0, volume.lastIndexOf('_'));
        compose.stop();
        for (int node = 1; node <= NODES; node++) {
            docker().removeVolumeCmd(project + "_node" + node).exec();
        }
    }
}
