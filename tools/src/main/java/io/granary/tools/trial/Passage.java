package io.granary.tools.trial;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One connection through a gate: two pumps that obey the network's rules. */
final class Passage {

    private static final int PIECE_BYTES = 32 * 1024;
    /** Of the first bytes on a connection so many are looked at to learn who has dialled. */
    private static final int HEAD_BYTES = 2048;
    private static final String BUS_SIGNATURE = "RCmb";
    /** Where a bus frame names its sender, in 40 hex digits. */
    private static final int SENDER_AT = 40;
    private static final int SENDER_END = 80;
    private static final Pattern LISTENING_PORT = Pattern.compile("listening-port\r\n\\$\\d+\r\n(\\d+)\r\n");

    private final Network network;
    private final int node;
    private final Socket dialler;
    private final Socket target;
    private final StringBuilder head = new StringBuilder();
    private volatile int dialledBy = Network.STRANGER;
    private volatile boolean holeForward;
    private volatile boolean holeBackward;

    /** @param node the one behind the gate */
    Passage(Network network, int node, Socket dialler, Socket target) {
        this.network = network;
        this.node = node;
        this.dialler = dialler;
        this.target = target;
    }

    void begin() {
        network.entered(this);
        Thread.ofVirtual().start(() -> pump(dialler, target, true));
        Thread.ofVirtual().start(() -> pump(target, dialler, false));
    }

    /** Whether bytes were lost on it: what came after them makes no sense to the receiver. */
    boolean hasHole() {
        return holeForward || holeBackward;
    }

    private void pump(Socket from, Socket to, boolean forward) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            OutputStream out = to.getOutputStream();
            while (true) {
                int length = from.getInputStream().read(piece);
                if (forward && length > 0) {
                    recognize(piece, length);
                }
                if (!mayPass(forward, length) || length < 0) {
                    return;
                }
                if (!(forward ? holeForward : holeBackward)) {
                    out.write(piece, 0, length);
                }
            }
        } catch (IOException _) {
            // one end is gone, so is the other
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    /** Obeys the rule for a piece, or for the end of a stream, which a cut hides too; false if the connection is to end. */
    private boolean mayPass(boolean forward, int length) throws InterruptedException {
        int from = forward ? dialledBy : node;
        int to = forward ? node : dialledBy;
        Network.Fate fate = network.fate(from, to);
        if (fate == Network.Fate.PASS) {
            return !(forward ? holeForward : holeBackward);
        }
        holeForward |= fate == Network.Fate.DROP && forward;
        holeBackward |= fate == Network.Fate.DROP && !forward;
        return fate == Network.Fate.DROP && length >= 0 || network.awaitPassage(from, to);
    }

    private void recognize(byte[] piece, int length) {
        if (dialledBy != Network.STRANGER || head.length() >= HEAD_BYTES) {
            return;
        }
        head.append(new String(piece, 0, Math.min(length, HEAD_BYTES), StandardCharsets.ISO_8859_1));
        if (head.length() >= SENDER_END && head.indexOf(BUS_SIGNATURE) == 0) {
            dialledBy = network.nodeOf(head.substring(SENDER_AT, SENDER_END));
        }
        Matcher port = LISTENING_PORT.matcher(head);
        if (port.find()) {
            dialledBy = network.nodeOf(port.group(1));
        }
    }

    void close() {
        network.left(this);
        close(dialler);
        close(target);
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // it is given up in any case
        }
    }
}
