package io.granary.gossip.simulation;

import io.granary.gossip.ClusterView;
import io.granary.gossip.Gossip;
import io.granary.gossip.GossipSettings;
import io.granary.gossip.Input;
import io.granary.gossip.NodeId;
import io.granary.gossip.NodeView;
import io.granary.gossip.NodesFile;
import io.granary.gossip.OperatorRequest;
import io.granary.gossip.Output;
import io.granary.gossip.wire.BusMessage;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One node: a machine, its disk, its clock, and what has become of its process. */
final class SimulatedNode implements Station {

    private static final long TICK_MS = 100;

    /** What has become of the process. */
    enum Fate {
        /** It runs. */
        RUNNING,
        /** It stands still; its sockets take what comes. */
        PAUSED,
        /** It is dead, and the machine says so to whoever knocks. */
        KILLED,
        /** Its machine is dead, and nobody answers at all. */
        POWERLESS
    }

    private final int number;
    private final NodeId id;
    private final String ip;
    private final Simulation simulation;
    private final Timeline timeline;
    private final SimulatedNetwork network;
    private final SimulatedDisk disk;
    private final RandomGenerator random;
    private final SimulatedReplication replication;
    private final Queue<Runnable> interrupted = new ArrayDeque<>();
    private final Queue<Input> backlog = new ArrayDeque<>();
    private final Map<Long, Consumer<Output.Answer>> questions = new HashMap<>();
    private GossipSettings settings;
    private Fate fate = Fate.KILLED;
    private Gossip machine;
    private ClusterView view;
    private int incarnation;
    private long lastAccepted;
    private long lastQuestion;
    private double clockRate = 1;
    private long leaseUntilMs = Long.MIN_VALUE;

    SimulatedNode(int number, Simulation simulation, GossipSettings settings, RandomGenerator random) {
        this.number = number;
        this.id = idOf(number);
        this.ip = "10.0." + number / 250 + "." + (number % 250 + 1);
        this.simulation = simulation;
        this.timeline = simulation.timeline();
        this.network = simulation.network();
        this.settings = settings;
        this.random = random;
        this.disk = new SimulatedDisk(timeline, random);
        this.replication = new SimulatedReplication(this, timeline, network, random);
    }

    /** The name of the node with a number: easily told from chance. */
    static NodeId idOf(int number) {
        return new NodeId(String.format("%04x", number).repeat(10));
    }

    int number() {
        return number;
    }

    /** The name that it begins with. */
    NodeId id() {
        return id;
    }

    @Override
    public String ip() {
        return ip;
    }

    int port() {
        return settings.port();
    }

    @Override
    public int busPort() {
        return settings.busPort();
    }

    GossipSettings settings() {
        return settings;
    }

    SimulatedDisk disk() {
        return disk;
    }

    SimulatedReplication replication() {
        return replication;
    }

    /** How fast its clock goes, 1 is right. */
    void clockRate(double rate) {
        clockRate = rate;
    }

    /** The time by its own clock. */
    long clockMs() {
        return simulation.startMs() + (long) (simulation.elapsedMs() * clockRate);
    }

    /** Whether it may acknowledge writes, by its own clock. */
    boolean holdsLease() {
        return clockMs() <= leaseUntilMs;
    }

    /** Whether there is a process, running or not. */
    boolean isAlive() {
        return fate == Fate.RUNNING || fate == Fate.PAUSED;
    }

    /** Lets the process do something, when it stands still as the first thing that it does when it goes on. */
    void act(Runnable action) {
        if (fate == Fate.PAUSED) {
            interrupted.add(action);
        } else if (fate == Fate.RUNNING) {
            action.run();
        }
    }

    Fate fate() {
        return fate;
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    /** The cluster as this node sees it; of its last life, if it is dead. */
    ClusterView view() {
        return view;
    }

    NodeView sees(SimulatedNode other) {
        return view.node(other.view.myself().id());
    }

    @Override
    public boolean isUnreachable() {
        return fate == Fate.POWERLESS;
    }

    @Override
    public boolean isListening() {
        return fate == Fate.RUNNING || fate == Fate.PAUSED;
    }

    @Override
    public long nextAccepted() {
        return --lastAccepted;
    }

    void start() {
        fate = Fate.RUNNING;
        incarnation++;
        byte[] content = disk.content();
        machine = switch (NodesFile.load(content, content)) {
            case NodesFile.Absent _ -> Gossip.fresh(id, settings, random);
            case NodesFile.Loaded loaded -> Gossip.restored(loaded, settings, random);
            case NodesFile.Refused(String reason) -> throw new AssertionError("node " + number + " cannot start: " + reason);
        };
        leaseUntilMs = Long.MIN_VALUE;
        handle(new Input.Started());
        if (content != null && replication.startBehind()) {
            handle(new Input.Replicated(replication.status()));
            handle(new Input.StartedBehind());
        }
        tick(random.nextLong(TICK_MS), incarnation);
    }

    private void tick(long delayMs, int life) {
        timeline.in(delayMs, () -> {
            if (life == incarnation && isListening()) {
                // a process that stood still finds one tick due, not all that it has missed
                if (fate == Fate.RUNNING) {
                    give(new Input.Replicated(replication.status()));
                    give(new Input.Tick());
                }
                tick(TICK_MS, life);
            }
        });
    }

    void pause() {
        fate = Fate.PAUSED;
    }

    void resume() {
        fate = Fate.RUNNING;
        while (!interrupted.isEmpty() && fate == Fate.RUNNING) {
            interrupted.remove().run();
        }
        while (!backlog.isEmpty() && fate == Fate.RUNNING) {
            handle(backlog.remove());
        }
    }

    /** Ends the process at once; {@code powerless} with its whole machine. */
    void kill(boolean powerless) {
        fate = powerless ? Fate.POWERLESS : Fate.KILLED;
        incarnation++;
        backlog.clear();
        interrupted.clear();
        questions.clear();
        replication.forget();
        disk.powerCut();
        network.drop(this, powerless);
        lastAccepted = 0;
    }

    void reconfigure(GossipSettings newSettings) {
        settings = newSettings;
        give(new Input.Reconfigured(newSettings));
    }

    void ask(OperatorRequest request, Consumer<Output.Answer> answer) {
        questions.put(++lastQuestion, answer);
        give(new Input.Asked(lastQuestion, request));
    }

    /** Takes the input now, or when the node goes on. */
    @Override
    public void give(Input input) {
        if (fate == Fate.PAUSED) {
            backlog.add(input);
        } else if (fate == Fate.RUNNING) {
            handle(input);
        }
    }

    private void handle(Input input) {
        List<Output> outputs = machine.handle(clockMs(), input);
        for (Output output : outputs) {
            simulation.observe(this, output);
            carryOut(output);
        }
        simulation.handled(this, input);
    }

    private void carryOut(Output output) {
        switch (output) {
            case Output.Connect(long link, String host, int busPort) -> network.connect(this, link, host, busPort);
            case Output.Send(long link, BusMessage message) -> network.send(this, link, message);
            case Output.Close(long link) -> network.close(this, link);
            case Output.Save save -> save(save);
            case Output.Publish(ClusterView published) -> view = published;
            case Output.DropKeys _ -> { }
            case Output.Promote _ -> replication.promote();
            case Output.Follow follow -> replication.follow(follow);
            case Output.PauseWrites(long forMs) -> replication.pause(forMs);
            case Output.ResumeWrites _ -> replication.resume();
            case Output.AwaitOffset(long offset) -> replication.await(offset);
            case Output.Lease(long untilMs) -> leaseUntilMs = untilMs;
            case Output.ServeBehind _ -> replication.serve();
            case Output.Answer answer -> {
                Consumer<Output.Answer> asker = questions.remove(answer.number());
                if (asker == null) {
                    throw new AssertionError("node " + number + " answers what nobody asks: " + answer);
                }
                asker.accept(answer);
            }
            case Output.Log(Output.Level level, String text) -> simulation.log(this, level, text);
        }
    }

    private void save(Output.Save save) {
        int life = incarnation;
        disk.save(save, (saved, failure) -> {
            if (life == incarnation) {
                give(failure == null ? new Input.Saved(saved) : new Input.SaveFailed(saved, failure));
            }
        });
    }

    @Override
    public String toString() {
        return "n" + number;
    }
}
