package io.granary.tools.client;

import io.granary.resp.RequestEncoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A replica that takes its primary's history, throws it away, and says each second how much of it it has. */
public final class SilentReplica implements AutoCloseable {

    private static final int PIECE_BYTES = 64 * 1024;
    private static final int MARK_BYTES = 40;
    private static final String STREAMED = "$EOF:";
    private static final long ACK_NANOS = 1_000_000_000L;
    private static final int SYNC_SECONDS = 120;

    private final Socket socket;
    private final InputStream in;
    private final Thread thread;
    private long offset;
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile boolean synced;

    private SilentReplica(Address primary) throws IOException {
        socket = new Socket(primary.host(), primary.port());
        in = new BufferedInputStream(socket.getInputStream(), PIECE_BYTES);
        thread = Thread.ofPlatform().daemon().name("silent replica").unstarted(this::run);
    }

    /** Attaches to a primary, and returns when its snapshot has arrived. */
    public static SilentReplica attach(Address primary) throws IOException {
        SilentReplica replica = new SilentReplica(primary);
        replica.thread.start();
        if (!replica.awaitSnapshot()) {
            replica.close();
            throw new IOException("no whole snapshot from " + primary);
        }
        return replica;
    }

    private boolean awaitSnapshot() {
        try {
            return settled.await(SYNC_SECONDS, TimeUnit.SECONDS) && synced;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        try {
            ask("REPLCONF", "capa", "eof", "capa", "psync2");
            line();
            ask("PSYNC", "?", "-1");
            offset = Long.parseLong(line().split(" ")[2]);
            skipSnapshot(line());
            acknowledge();
            synced = true;
            settled.countDown();
            follow();
        } catch (IOException _) {
            // the primary or this replica has ended
        } finally {
            settled.countDown();
        }
    }

    private void ask(String... words) throws IOException {
        socket.getOutputStream().write(RequestEncoder.encode(words));
    }

    /** Empty lines only say that the primary is alive. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            if (next == '\n' && line.size() > 0) {
                return line.toString(StandardCharsets.ISO_8859_1).strip();
            }
            if (next != '\n') {
                line.write(next);
            }
        }
    }

    private void skipSnapshot(String announcement) throws IOException {
        if (!announcement.startsWith(STREAMED)) {
            in.skipNBytes(Long.parseLong(announcement.substring(1)));
            return;
        }
        byte[] mark = announcement.substring(STREAMED.length()).getBytes(StandardCharsets.ISO_8859_1);
        byte[] last = new byte[MARK_BYTES];
        byte[] piece = new byte[PIECE_BYTES];
        while (!Arrays.equals(last, mark)) {   // nothing follows the mark before this replica has acknowledged
            int length = read(piece);
            int kept = Math.max(0, MARK_BYTES - length);
            System.arraycopy(last, MARK_BYTES - kept, last, 0, kept);
            System.arraycopy(piece, length - (MARK_BYTES - kept), last, kept, MARK_BYTES - kept);
        }
    }

    private int read(byte[] piece) throws IOException {
        int length = in.read(piece);
        if (length < 0) {
            throw new EOFException();
        }
        return length;
    }

    private void follow() throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        long acknowledged = System.nanoTime();
        while (true) {
            offset += read(piece);
            if (System.nanoTime() - acknowledged > ACK_NANOS) {
                acknowledged = System.nanoTime();
                acknowledge();
            }
        }
    }

    private void acknowledge() throws IOException {
        ask("REPLCONF", "ACK", Long.toString(offset));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
