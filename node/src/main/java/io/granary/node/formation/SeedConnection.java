package io.granary.node.formation;

import com.google.common.net.InetAddresses;
import io.granary.node.Clock;
import io.granary.node.formation.SeedReport.Silent;
import io.granary.node.formation.SeedReport.Told;
import io.granary.resp.Frame;
import io.granary.resp.FrameDecoder;
import io.granary.resp.RequestEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One conversation with a seed over its client port. */
final class SeedConnection implements AutoCloseable {

    /** A table of nodes longer than this is no cluster's. */
    private static final int REPLY_BYTES_MOST = 4 << 20;

    private static final int REPLY_DEPTH_MOST = 3;

    /** How this node gets in where a password is wanted: as it does with its primary. */
    interface Login {
        String user();

        String password();
    }

    private final Socket socket = new Socket();
    private final FrameDecoder decoder = new FrameDecoder(REPLY_BYTES_MOST, REPLY_DEPTH_MOST);
    private final byte[] read = new byte[16 * 1024];
    private final Clock clock;
    private final long deadline;

    private SeedConnection(InetAddress address, int port, Clock clock, long deadline) throws IOException {
        this.clock = clock;
        this.deadline = deadline;
        try {
            socket.connect(new InetSocketAddress(address, port), leftMs());
        } catch (IOException failure) {
            socket.close();
            throw failure;
        }
    }

    /** Asks the node at an address who it is; an answer, or the reason why there is none, comes before the deadline. */
    static SeedReport ask(InetAddress address, int port, Login login, Clock clock, long deadline) {
        try (SeedConnection connection = new SeedConnection(address, port, clock, deadline)) {
            return connection.ask(InetAddresses.toAddrString(address), port, login);
        } catch (IOException | IllegalArgumentException failure) {
            return new Silent(failure.getMessage() == null ? failure.toString() : failure.getMessage());
        }
    }

    private SeedReport ask(String ip, int port, Login login) throws IOException {
        List<byte[]> requests = new ArrayList<>();
        boolean authenticates = !login.password().isEmpty();
        if (authenticates) {
            requests.add(login.user().isEmpty() ? RequestEncoder.encode("AUTH", login.password())
                    : RequestEncoder.encode("AUTH", login.user(), login.password()));
        }
        List<String> directives = new ArrayList<>(List.of("CONFIG", "GET"));
        directives.addAll(FormationSettings.DIRECTIVES);
        requests.add(RequestEncoder.encode(directives.toArray(String[]::new)));
        requests.add(RequestEncoder.encode("CLUSTER", "NODES"));
        OutputStream out = socket.getOutputStream();
        for (byte[] request : requests) {
            out.write(request);
        }
        if (authenticates) {
            // a refusal shows in the replies behind it; a node without a password does not want one
            reply();
        }
        Frame plan = reply();
        return switch (reply()) {
            case Frame.Bulk nodes -> new Told(ip, port, plan(plan), Member.parse(nodes.text()));
            case Frame.ErrorFrame error -> new Silent(error.text());
            case Frame other -> new Silent("unexpected reply: " + other.getClass().getSimpleName());
        };
    }

    /** What CONFIG GET says, in the form of {@link FormationSettings#text}. */
    private static String plan(Frame reply) {
        if (!(reply instanceof Frame.Array(List<Frame> items))) {
            return "";
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i + 1 < items.size(); i += 2) {
            if (items.get(i) instanceof Frame.Bulk name && items.get(i + 1) instanceof Frame.Bulk value) {
                values.put(name.text(), value.text());
            }
        }
        return String.join(" ", FormationSettings.DIRECTIVES.stream().map(name -> values.getOrDefault(name, "")).toList());
    }

    private Frame reply() throws IOException {
        InputStream in = socket.getInputStream();
        Frame frame = decoder.next();
        while (frame == null) {
            socket.setSoTimeout(leftMs());
            int length = in.read(read);
            if (length < 0) {
                throw new IOException("the connection was closed");
            }
            decoder.feed(read, 0, length);
            frame = decoder.next();
        }
        return frame;
    }

    /** What is left of the time; 0 would mean for ever. */
    private int leftMs() {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - clock.nanos()));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
