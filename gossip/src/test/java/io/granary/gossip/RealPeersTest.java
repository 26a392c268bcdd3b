package io.granary.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.gossip.wire.BusDecoder;
import io.granary.gossip.wire.BusEncoder;
import io.granary.gossip.wire.BusFrame;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine on a real bus, beside two real redis-servers. */
@Tag("redis")
final class RealPeersTest {

    private static final int BUS_DISTANCE = 5000;
    private static final int PORTS = 4;

    /** The first of neighbouring ports that are free just now, for the servers and for us. */
    private final int first = freePorts();
    private final int ours = first + PORTS - 1;

    @TempDir
    Path directory;

    @Test
    void redisServersAndWeFormOneClusterAndAgreeOnAFailure() throws Exception {
        try (RedisServer one = new RedisServer(first, directory);
                RedisServer two = new RedisServer(first + 1, directory);
                Bus bus = new Bus(ours)) {
            formCluster(one, two, bus);
            String seen = one.ask("CLUSTER NODES");
            String us = bus.view.myself().id() + " 127.0.0.1:" + ours + "@" + (ours + BUS_DISTANCE) + " master";
            assertTrue(seen.contains(us), seen);
            assertTrue(seen.contains("connected 10000-16383"), seen);
            await("we are linked with both", () ->
                    bus.view.nodes().stream().filter(n -> !n.is(NodeFlag.MYSELF) && n.linked()).count() == 2);
            await("all epochs differ", () ->
                    bus.view.nodes().stream().mapToLong(NodeView::configEpoch).distinct().count() == 3);
            two.kill();
            NodeView dead = bus.view.owner(5000);
            await("we agree on FAIL", () -> bus.view.node(dead.id()).is(NodeFlag.FAIL) && !bus.view.ok());
            await("so do they", () -> ask(one, "CLUSTER NODES").contains(" master,fail "));
        }
    }

    @Test
    void aReplicaOfRedisServerIsElectedWithOurVote() throws Exception {
        try (RedisServer one = new RedisServer(first, directory);
                RedisServer two = new RedisServer(first + 1, directory);
                RedisServer replica = new RedisServer(first + 2, directory);
                Bus bus = new Bus(ours)) {
            formCluster(one, two, bus);
            assertEquals("+OK", one.ask(meeting(first + 2)));
            String primary = one.ask("CLUSTER MYID");
            await("the replica knows its primary", () -> ask(replica, "CLUSTER REPLICATE " + primary).equals("+OK"));
            await("it is in step", () -> ask(replica, "INFO replication").contains("master_link_status:up"));
            NodeId heir = new NodeId(replica.ask("CLUSTER MYID"));
            await("we see a replica", () -> bus.view.node(heir) != null && bus.view.node(heir).primary() != null);
            assertEquals(bus.view.node(new NodeId(primary)).shard(), bus.view.node(heir).shard());
            one.kill();
            await("it has succeeded", () -> bus.view.owner(0).id().equals(heir) && bus.view.ok());
            assertTrue(bus.saved.contains("lastVoteEpoch " + bus.view.owner(0).configEpoch()), bus.saved);
        }
    }

    @Test
    void redisServersElectOurReplica() throws Exception {
        try (RedisServer one = new RedisServer(first, directory);
                RedisServer two = new RedisServer(first + 1, directory);
                RedisServer three = new RedisServer(first + 2, directory);
                Bus bus = new Bus(ours)) {
            followFirstOfThree(one, two, three, bus);
            one.kill();
            String us = bus.view.myself().id().hex();
            await("we have succeeded", () -> bus.view.isMine(0) && bus.view.ok());
            await("they know", () -> nodesLine(two, us).contains(" master - ") && ok(two) && ok(three));
            assertTrue(nodesLine(two, us).endsWith("connected 0-4999"), nodesLine(two, us));
            assertTrue(bus.saved.contains(us + " 127.0.0.1:"), bus.saved);
            assertTrue(bus.promoted);
        }
    }

    @Test
    void weAndRedisServersHandOverToEachOther() throws Exception {
        try (RedisServer one = new RedisServer(first, directory);
                RedisServer two = new RedisServer(first + 1, directory);
                RedisServer three = new RedisServer(first + 2, directory);
                Bus bus = new Bus(ours)) {
            followFirstOfThree(one, two, three, bus);
            NodeId theirs = bus.view.owner(0).id();
            bus.give(new Input.Asked(2, new OperatorRequest.Failover(OperatorRequest.FailoverKind.AGREED)));
            await("we have taken over", () -> bus.view.isMine(0));
            await("they know", () -> ok(two) && nodesLine(two, theirs.hex()).contains(" slave "));
            await("so do we", () -> bus.view.myself().id().equals(bus.view.node(theirs).primary()));

            // our stream is no stream to them, so that they stay at the offset 0
            bus.status = new ReplicationStatus(0, 0, true);
            await("they accept the order", () -> ask(one, "CLUSTER FAILOVER").equals("+OK"));
            await("we are replaced", () -> !bus.view.isMine(0) && bus.view.owner(0).id().equals(theirs));
            assertEquals(theirs, bus.view.myself().primary());
            await("writes go on", () -> !bus.paused);
            await("all are content", () -> bus.view.ok() && ok(one) && ok(two) && ok(three));
        }
    }

    private void followFirstOfThree(RedisServer one, RedisServer two, RedisServer three, Bus bus) throws Exception {
        bus.status = new ReplicationStatus(Long.MAX_VALUE, 0, true);
        assertEquals("+OK", one.ask("CLUSTER ADDSLOTSRANGE 0 4999"));
        assertEquals("+OK", two.ask("CLUSTER ADDSLOTSRANGE 5000 9999"));
        assertEquals("+OK", three.ask("CLUSTER ADDSLOTSRANGE 10000 16383"));
        for (int port : new int[] {ours, first + 1, first + 2}) {
            assertEquals("+OK", one.ask(meeting(port)));
        }
        await("we know all", () -> bus.view.nodes().size() == 4 && bus.view.ok());
        await("they are content", () -> ok(one) && ok(two) && ok(three));
        NodeId primary = new NodeId(one.ask("CLUSTER MYID"));
        bus.give(new Input.Asked(1, new OperatorRequest.Replicate(primary.hex(), false)));
        String us = bus.view.myself().id().hex();
        for (RedisServer server : List.of(one, two, three)) {
            await("they know", () -> nodesLine(server, us).contains(" slave " + primary));
        }
    }

    private static String nodesLine(RedisServer redis, String id) {
        return ask(redis, "CLUSTER NODES").lines().filter(line -> line.startsWith(id)).findFirst().orElse("");
    }

    private void formCluster(RedisServer one, RedisServer two, Bus bus) throws Exception {
        assertEquals("+OK", one.ask("CLUSTER ADDSLOTSRANGE 0 4999"));
        assertEquals("+OK", two.ask("CLUSTER ADDSLOTSRANGE 5000 9999"));
        bus.give(new Input.Asked(1, new OperatorRequest.AddSlots(IntStream.range(10000, 16384).toArray())));
        assertEquals("+OK", one.ask(meeting(ours)));
        assertEquals("+OK", one.ask(meeting(first + 1)));
        await("we know all", () -> bus.view.nodes().size() == 3 && bus.view.ok());
        await("they are content", () -> ok(one) && ok(two));
    }

    private static String meeting(int port) {
        return "CLUSTER MEET 127.0.0.1 " + port + " " + (port + BUS_DISTANCE);
    }

    /** Below the ports that the system gives to clients by itself. */
    private static int freePorts() {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(10_100, 27_000);
            if (IntStream.range(first, first + PORTS).allMatch(port -> isFree(port) && isFree(port + BUS_DISTANCE))) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean ok(RedisServer redis) {
        return ask(redis, "CLUSTER INFO").contains("cluster_state:ok");
    }

    private static String ask(RedisServer redis, String command) {
        try {
            return redis.ask(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30); !condition.getAsBoolean(); ) {
            assertTrue(System.nanoTime() < end, "not within 30 s: " + what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** The smallest driver: a thread for each connection, one lock around the machine. */
    private static final class Bus implements AutoCloseable {

        private final Map<Long, Socket> sockets = new ConcurrentHashMap<>();
        private final AtomicLong lastInbound = new AtomicLong();
        private final ServerSocket server;
        private final Gossip gossip;
        private volatile boolean closed;
        volatile ClusterView view;
        volatile String saved;
        volatile ReplicationStatus status = ReplicationStatus.NONE;
        volatile boolean promoted;
        volatile boolean paused;

        Bus(int port) throws IOException {
            server = new ServerSocket(port + BUS_DISTANCE, 50, InetAddress.getLoopbackAddress());
            Random random = new Random(42);
            gossip = Gossip.fresh(NodeId.random(random), new GossipSettings(
                    1000, true, port, 0, port + BUS_DISTANCE, false, "", "", "", ReplicaSettings.DEFAULT), random);
            give(new Input.Started());
            Thread.startVirtualThread(this::accept);
            Thread.startVirtualThread(() -> {
                while (!closed) {
                    give(new Input.Replicated(status));
                    give(new Input.Tick());
                    LockSupport.parkNanos(100_000_000);
                }
            });
        }

        synchronized void give(Input input) {
            gossip.handle(System.currentTimeMillis(), input).forEach(this::carryOut);
        }

        private void carryOut(Output output) {
            switch (output) {
                case Output.Connect connect -> Thread.startVirtualThread(() -> connect(connect));
                case Output.Send send -> send(send);
                case Output.Close close -> close(close.link());
                case Output.Save save -> {
                    saved = save.text();
                    Thread.startVirtualThread(() -> give(new Input.Saved(save.generation())));
                }
                case Output.Publish publish -> view = publish.view();
                case Output.Promote _ -> promoted = true;
                case Output.PauseWrites _ -> {
                    paused = true;
                    Thread.startVirtualThread(() -> give(new Input.WritesPaused(status.offset())));
                }
                case Output.ResumeWrites _ -> paused = false;
                case Output.Follow _, Output.AwaitOffset _, Output.Lease _, Output.ServeBehind _, Output.DropKeys _,
                        Output.Answer _, Output.Log _ -> {}
            }
        }

        private void send(Output.Send send) {
            Socket socket = sockets.get(send.link());
            try {
                if (socket != null) {
                    socket.getOutputStream().write(BusEncoder.encode(send.message()));
                }
            } catch (IOException _) {
                close(send.link());
            }
        }

        private void close(long link) {
            Socket socket = sockets.remove(link);
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void connect(Output.Connect connect) {
            try {
                Socket socket = new Socket(connect.host(), connect.busPort());
                sockets.put(connect.link(), socket);
                give(new Input.LinkUp(connect.link(), socket.getLocalAddress().getHostAddress()));
                read(connect.link(), socket);
            } catch (IOException _) {
                give(new Input.LinkDown(connect.link(), true));
            }
        }

        private void accept() {
            while (!closed) {
                try {
                    Socket socket = server.accept();
                    long link = lastInbound.decrementAndGet();
                    sockets.put(link, socket);
                    give(new Input.Accepted(link, "127.0.0.1", "127.0.0.1"));
                    Thread.startVirtualThread(() -> read(link, socket));
                } catch (IOException _) {
                    return;
                }
            }
        }

        private void read(long link, Socket socket) {
            try {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                while (true) {
                    byte[] prefix = new byte[BusFrame.PREFIX_BYTES];
                    in.readFully(prefix);
                    BusFrame.Length length = (BusFrame.Length) BusFrame.lengthOf(ByteBuffer.wrap(prefix), 1 << 20);
                    byte[] frame = Arrays.copyOf(prefix, length.bytes());
                    in.readFully(frame, prefix.length, frame.length - prefix.length);
                    BusDecoder.Decoded decoded = BusDecoder.decode(ByteBuffer.wrap(frame));
                    give(new Input.Received(link, ((BusDecoder.Message) decoded).message()));
                }
            } catch (IOException _) {
                sockets.remove(link);
                give(new Input.LinkDown(link, false));
            }
        }

        @Override
        public void close() throws IOException {
            closed = true;
            server.close();
            List.copyOf(sockets.keySet()).forEach(this::close);
        }
    }
}
