package io.granary.gossip.simulation;

import io.granary.gossip.Input;
import io.granary.gossip.wire.BusDecoder;
import io.granary.gossip.wire.BusEncoder;
import io.granary.gossip.wire.BusFrame;
import io.granary.gossip.wire.BusMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The wires between the stations. A connection behaves as TCP does, in order and without loss, unless the faults say worse:
 * the machine must bear a peer that sends anything in any order.
 */
final class SimulatedNetwork {

    private static final long CONNECT_TIMEOUT_MS = 5000;

    /**
     * How bad the wires are.
     *
     * @param delayMsMax the longest way of a message
     * @param lost of 1000 messages, {@code doubled} and {@code reordered} likewise
     */
    record Faults(long delayMsMax, int lost, int doubled, int reordered) {
        static final Faults NONE = new Faults(3, 0, 0, 0);
    }

    /** One end of a connection. */
    private static final class End {
        private final Station node;
        private final long link;
        private final int incarnation;
        private End other;
        private long lastArrivalMs;
        private boolean closed;

        End(Station node, long link) {
            this.node = node;
            this.link = link;
            this.incarnation = node.incarnation();
        }
    }

    private record Wire(Station from, Station to) {}

    private final Timeline timeline;
    private final RandomGenerator random;
    private final Map<String, Station> nodes = new HashMap<>();
    private final Map<String, SimulatedNode> nodesByClientAddress = new HashMap<>();
    private final Map<Station, Map<Long, End>> ends = new HashMap<>();
    private final Set<Wire> cut = new HashSet<>();
    private Faults faults = Faults.NONE;
    private boolean encoding = true;
    private long messages;
    private long bytes;

    SimulatedNetwork(Timeline timeline, RandomGenerator random) {
        this.timeline = timeline;
        this.random = random;
    }

    void add(Station node) {
        nodes.put(node.ip() + ":" + node.busPort(), node);
        ends.put(node, new HashMap<>());
        if (node instanceof SimulatedNode server) {
            nodesByClientAddress.put(server.ip() + ":" + server.port(), server);
        }
    }

    /**
     * Messages go over as they are and only their bytes are counted: for clusters so large that encoding takes all the time.
     */
    void carryUnencoded() {
        encoding = false;
    }

    void faults(Faults newFaults) {
        faults = newFaults;
    }

    long messages() {
        return messages;
    }

    long bytes() {
        return bytes;
    }

    /** Nothing gets from one node to the other any more; the way back stays open. */
    void cut(Station from, Station to) {
        cut.add(new Wire(from, to));
    }

    /** Cuts all wires, both ways, between the two groups. */
    void partition(List<? extends Station> here, List<? extends Station> there) {
        here.forEach(one -> there.forEach(other -> {
            cut(one, other);
            cut(other, one);
        }));
    }

    void heal() {
        cut.clear();
    }

    /** Whether bytes get from one node to the other and back. */
    boolean connects(Station one, Station other) {
        return !isCut(one, other) && !isCut(other, one);
    }

    /** The node whose clients' port is that, or null. */
    SimulatedNode nodeAt(String ip, int port) {
        return nodesByClientAddress.get(ip + ":" + port);
    }

    private boolean isCut(Station from, Station to) {
        return !cut.isEmpty() && cut.contains(new Wire(from, to));
    }

    private long delay() {
        return 1 + random.nextLong(faults.delayMsMax());
    }

    void connect(Station from, long link, String host, int busPort) {
        Station to = nodes.get(host + ":" + busPort);
        End near = new End(from, link);
        if (to == null || isCut(from, to) || isCut(to, from) || to.isUnreachable()) {
            timeline.in(CONNECT_TIMEOUT_MS, () -> tell(near, new Input.LinkDown(link, false)));
        } else {
            timeline.in(delay(), () -> {
                if (near.incarnation == from.incarnation()) {
                    arrive(near, to);
                }
            });
        }
    }

    private void arrive(End near, Station to) {
        if (!to.isListening()) {
            tell(near, new Input.LinkDown(near.link, true));
            return;
        }
        End far = new End(to, to.nextAccepted());
        near.other = far;
        far.other = near;
        ends.get(near.node).put(near.link, near);
        ends.get(to).put(far.link, far);
        tell(far, new Input.Accepted(far.link, near.node.ip(), to.ip()));
        tell(near, new Input.LinkUp(near.link, near.node.ip()));
    }

    void send(Station from, long link, BusMessage message) {
        End near = ends.get(from).get(link);
        if (near == null || near.closed) {
            return;
        }
        byte[] frame = encoding ? BusEncoder.encode(message) : null;
        messages++;
        bytes += encoding ? frame.length : BusEncoder.lengthOf(message);
        if (isCut(from, near.other.node) || random.nextInt(1000) < faults.lost()) {
            return;
        }
        Supplier<BusMessage> content = encoding ? () -> decoded(frame) : () -> message;
        carry(near.other, content);
        if (random.nextInt(1000) < faults.doubled()) {
            carry(near.other, content);
        }
    }

    private void carry(End far, Supplier<BusMessage> content) {
        long arrivalMs = timeline.nowMs() + delay();
        if (random.nextInt(1000) >= faults.reordered()) {
            arrivalMs = Math.max(arrivalMs, far.lastArrivalMs);
            far.lastArrivalMs = arrivalMs;
        }
        timeline.in(arrivalMs - timeline.nowMs(), () -> {
            if (!far.closed && !isCut(far.other.node, far.node)) {
                tell(far, new Input.Received(far.link, content.get()));
            }
        });
    }

    /** What comes out at the other end, judged and decoded from the bytes as a node does. */
    private static BusMessage decoded(byte[] frame) {
        ByteBuffer in = ByteBuffer.wrap(frame);
        if (!(BusFrame.lengthOf(in, 1024) instanceof BusFrame.Length(int length)) || length != frame.length) {
            throw new AssertionError("a frame's own header is refused: " + BusFrame.lengthOf(in, 1024));
        }
        return switch (BusDecoder.decode(in)) {
            case BusDecoder.Message(BusMessage message) -> message;
            case BusDecoder.Ignored(int type) -> throw new AssertionError("sent a message of unknown type " + type);
            case BusDecoder.Refused(String reason) -> throw new AssertionError("sent a malformed message: " + reason);
        };
    }

    /** Who is at the other end of a node's link; null if nobody is. */
    Station peer(Station node, long link) {
        End near = ends.get(node).get(link);
        return near == null ? null : near.other.node;
    }

    void close(Station node, long link) {
        End near = ends.get(node).remove(link);
        if (near != null) {
            near.closed = true;
            hangUp(near.other);
        }
    }

    /** The other side has gone: this end hears of it behind what was sent before, unless the wire is cut. */
    private void hangUp(End far) {
        long arrivalMs = Math.max(timeline.nowMs() + delay(), far.lastArrivalMs);
        timeline.in(arrivalMs - timeline.nowMs(), () -> {
            if (!far.closed && !isCut(far.other.node, far.node)) {
                far.closed = true;
                ends.get(far.node).remove(far.link);
                tell(far, new Input.LinkDown(far.link, false));
            }
        });
    }

    /** All connections of a node end; {@code silently} as when its machine lost power, so that nobody is told. */
    void drop(Station node, boolean silently) {
        List<End> all = new ArrayList<>(ends.get(node).values());
        ends.get(node).clear();
        all.sort((one, other) -> Long.compare(one.link, other.link));
        for (End near : all) {
            near.closed = true;
            if (!silently) {
                hangUp(near.other);
            }
        }
    }

    private void tell(End end, Input input) {
        if (end.incarnation == end.node.incarnation()) {
            end.node.give(input);
        }
    }
}
