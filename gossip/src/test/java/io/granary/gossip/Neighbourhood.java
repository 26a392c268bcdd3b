package io.granary.gossip;

import io.granary.gossip.wire.BusDecoder;
import io.granary.gossip.wire.BusEncoder;
import io.granary.gossip.wire.BusMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A few machines wired in memory: perfect connections that deliver at once, time that stands still until it is moved. */
final class Neighbourhood {

    static final long NODE_TIMEOUT_MS = 1000;

    final List<Machine> machines = new ArrayList<>();
    private final Deque<Runnable> events = new ArrayDeque<>();
    private final Random random = new Random(7);
    private long nowMs = 1_700_000_000_000L;
    private int lastPort = 7000;

    /** One machine with its disk and what it has said to the outside. */
    final class Machine {
        final int port;
        final Map<Long, Connection> connections = new HashMap<>();
        final List<String> log = new ArrayList<>();
        final List<Integer> dropped = new ArrayList<>();
        final List<BusMessage> sent = new ArrayList<>();
        Gossip gossip;
        ClusterView view;
        boolean up = true;
        boolean paused;
        final Deque<Input> backlog = new ArrayDeque<>();
        boolean diskFull;
        Output.Answer answer;
        byte[] disk;
        GossipSettings settings;
        private long lastInbound;
        private long lastAsked;

        Machine(int port) {
            this.port = port;
            this.settings = GossipSettings.onPort(port).withNodeTimeoutMs(NODE_TIMEOUT_MS);
        }

        NodeId id() {
            return gossip.myself();
        }

        /** What comes while it is paused waits until it goes on. */
        void give(Input input) {
            if (up) {
                backlog.add(input);
                while (!paused && !backlog.isEmpty()) {
                    gossip.handle(nowMs, backlog.remove()).forEach(this::carryOut);
                }
            }
        }

        /** Asks as an operator; the reply, or the error. */
        String ask(OperatorRequest request) {
            answer = null;
            give(new Input.Asked(++lastAsked, request));
            settle();
            return answer == null ? null : answer.error() != null ? answer.error() : answer.text();
        }

        void stop() {
            up = false;
            for (Map.Entry<Long, Connection> entry : List.copyOf(connections.entrySet())) {
                entry.getValue().closedBy(this);
            }
            connections.clear();
        }

        void start() {
            up = true;
            NodesFile.Load load = NodesFile.load(disk, null);
            gossip = load instanceof NodesFile.Loaded loaded
                    ? Gossip.restored(loaded, settings, random)
                    : Gossip.fresh(NodeId.random(random), settings, random);
            give(new Input.Started());
            settle();
        }

        NodeView sees(Machine other) {
            return view.node(other.id());
        }

        boolean logged(String part) {
            return log.stream().anyMatch(line -> line.contains(part));
        }

        private void carryOut(Output output) {
            switch (output) {
                case Output.Connect connect -> connect(connect);
                case Output.Send send -> {
                    sent.add(send.message());
                    if (connections.containsKey(send.link())) {
                        connections.get(send.link()).deliver(this, send.message());
                    }
                }
                case Output.Close close -> {
                    if (connections.containsKey(close.link())) {
                        connections.get(close.link()).closedBy(this);
                    }
                }
                case Output.Save save -> save(save);
                case Output.Publish publish -> view = publish.view();
                case Output.DropKeys drop -> {
                    for (int slot : drop.slots()) {
                        dropped.add(slot);
                    }
                }
                case Output.Promote _, Output.Follow _, Output.PauseWrites _, Output.ResumeWrites _,
                        Output.AwaitOffset _, Output.Lease _, Output.ServeBehind _ -> { }
                case Output.Answer given -> answer = given;
                case Output.Log line -> log.add(line.text());
            }
        }

        private void save(Output.Save save) {
            if (diskFull) {
                events.add(() -> give(new Input.SaveFailed(save.generation(), "No space left on device")));
            } else {
                disk = save.text().getBytes(StandardCharsets.ISO_8859_1);
                events.add(() -> give(new Input.Saved(save.generation())));
            }
        }

        private void connect(Output.Connect connect) {
            Machine peer = at(connect.busPort());
            if (peer == null) {
                events.add(() -> give(new Input.LinkDown(connect.link(), true)));
            } else if (!cut(this, peer)) {
                peer.lastInbound--;
                Connection connection = new Connection(this, connect.link(), peer, peer.lastInbound);
                connections.put(connection.callerLink, connection);
                peer.connections.put(connection.calledLink, connection);
                events.add(() -> peer.give(new Input.Accepted(connection.calledLink, "127.0.0.1", "127.0.0.1")));
                events.add(() -> give(new Input.LinkUp(connection.callerLink, "127.0.0.1")));
            }
        }
    }

    private final class Connection {
        final Machine caller;
        final long callerLink;
        final Machine called;
        final long calledLink;

        Connection(Machine caller, long callerLink, Machine called, long calledLink) {
            this.caller = caller;
            this.callerLink = callerLink;
            this.called = called;
            this.calledLink = calledLink;
        }

        void deliver(Machine from, BusMessage message) {
            ByteBuffer frame = ByteBuffer.wrap(BusEncoder.encode(message));
            BusMessage read = ((BusDecoder.Message) BusDecoder.decode(frame)).message();
            Machine to = from == caller ? called : caller;
            long link = from == caller ? calledLink : callerLink;
            if (!cut(caller, called)) {
                events.add(() -> {
                    if (to.connections.get(link) == this) {
                        to.give(new Input.Received(link, read));
                    }
                });
            }
        }

        void closedBy(Machine closer) {
            caller.connections.remove(callerLink);
            called.connections.remove(calledLink);
            Machine other = closer == caller ? called : caller;
            long link = closer == caller ? calledLink : callerLink;
            events.add(() -> other.give(new Input.LinkDown(link, false)));
        }
    }

    private final List<Machine> island = new ArrayList<>();

    /** From now on these hear only each other; nobody else hears them. */
    void isolate(Machine... machines) {
        island.clear();
        island.addAll(List.of(machines));
    }

    void heal() {
        island.clear();
    }

    private boolean cut(Machine one, Machine other) {
        return island.contains(one) != island.contains(other) || one.paused || other.paused;
    }

    private Machine at(int busPort) {
        return machines.stream().filter(m -> m.up && m.settings.busPort() == busPort).findFirst().orElse(null);
    }

    long nowMs() {
        return nowMs;
    }

    Machine machine() {
        Machine machine = new Machine(++lastPort);
        machines.add(machine);
        machine.start();
        return machine;
    }

    /** So many machines that have met, each with its share of the slots. */
    List<Machine> cluster(int count) {
        List<Machine> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Machine machine = machine();
            members.add(machine);
            machine.ask(new OperatorRequest.SetConfigEpoch(i + 1));
            machine.ask(new OperatorRequest.AddSlots(share(i, count)));
        }
        for (Machine member : members.subList(1, count)) {
            meet(member, members.get(0));
        }
        pass(3000);
        return members;
    }

    static int[] share(int part, int parts) {
        int first = ClusterView.SLOTS * part / parts;
        int end = ClusterView.SLOTS * (part + 1) / parts;
        return IntStream.range(first, end).toArray();
    }

    void meet(Machine one, Machine other) {
        one.ask(new OperatorRequest.Meet("127.0.0.1", other.settings.port(), other.settings.busPort()));
    }

    /** Lets all happen that is due. */
    void settle() {
        while (!events.isEmpty()) {
            events.remove().run();
        }
    }

    /** Lets time pass, tick by tick. */
    void pass(long ms) {
        for (long passed = 0; passed < ms; passed += 100) {
            nowMs += 100;
            for (Machine machine : machines) {
                if (!machine.paused) {
                    machine.give(new Input.Tick());
                }
            }
            settle();
        }
    }
}
