package io.granary.node.client;

import io.granary.node.dispatch.Redaction;
import io.granary.resp.Request;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** The clients that watch every command: MONITOR. */
public final class Monitors {

    /** Beyond this an argument is cut, and beyond that no more of them are shown: lines are made on the heap. */
    private static final int ARGUMENT_BYTES_MAX = 64 * 1024;
    private static final int LINE_BYTES_MAX = 1024 * 1024;

    private final List<ClientSession> watchers = new CopyOnWriteArrayList<>();
    private volatile boolean any;

    /** Whether somebody watches; read for every command. */
    public boolean any() {
        return any;
    }

    public synchronized void add(ClientSession session) {
        watchers.add(session);
        any = true;
    }

    public synchronized void remove(ClientSession session) {
        watchers.remove(session);
        any = !watchers.isEmpty();
    }

    /**
     * Tells all of them of a request, its secret arguments hidden, as {@code 1339518083.107412 [0 127.0.0.1:60866] "keys"
     * "*"}.
     */
    public void tell(ClientSession client, Request request, BitSet secret, long unixMicros) {
        StringBuilder line = new StringBuilder(64);
        line.append('+').append(unixMicros / 1_000_000).append('.');
        line.append(String.format(Locale.ROOT, "%06d", unixMicros % 1_000_000));
        line.append(" [").append(client.database()).append(' ').append(client.profile().address()).append(']');
        for (int i = 0; i < request.count(); i++) {
            line.append(' ');
            if (line.length() > LINE_BYTES_MAX) {
                line.append("... (").append(request.count() - i).append(" more arguments)");
                break;
            }
            Quoted.append(line, secret.get(i) ? Redaction.text() : request.toBytes(i, ARGUMENT_BYTES_MAX));
            if (request.length(i) > ARGUMENT_BYTES_MAX) {
                line.append("... (").append(request.length(i) - ARGUMENT_BYTES_MAX).append(" more bytes)");
            }
        }
        byte[] bytes = line.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        for (ClientSession watcher : watchers) {
            watcher.pushes().send(bytes);
        }
    }
}
