package io.granary.tools.backup;

import io.granary.resp.RequestEncoder;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A primary's data as an RDB, asked for as a replica asks for it. A server that can end the connection behind the RDB is
 * told to; the others are left before they send more.
 */
final class Snapshot implements AutoCloseable {

    private static final int PIECE_BYTES = 64 * 1024;
    private static final int MARK_BYTES = 40;
    private static final String STREAMED = "$EOF:";
    private static final int LINE_BYTES_MAX = 64 * 1024;

    private final Socket socket = new Socket();
    private InputStream in;

    /** @param access its timeout bounds each silence; a primary that is busy saving says so each second */
    Snapshot(Address primary, Access access) throws IOException {
        try {
            socket.connect(new InetSocketAddress(primary.host(), primary.port()), access.timeoutMs());
            socket.setSoTimeout(access.timeoutMs());
            in = new BufferedInputStream(socket.getInputStream(), PIECE_BYTES);
            authenticate(access);
            ask("REPLCONF", "capa", "eof");
            ask("REPLCONF", "rdb-only", "1");
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void authenticate(Access access) throws IOException {
        if (access.password() != null) {
            String reply = access.user() == null
                    ? ask("AUTH", access.password()) : ask("AUTH", access.user(), access.password());
            if (reply.startsWith("-") && !reply.contains("without any password configured")) {
                throw new IOException(reply.substring(1));
            }
        }
    }

    private String ask(String... words) throws IOException {
        socket.getOutputStream().write(RequestEncoder.encode(words));
        return line();
    }

    /** Empty lines only say that the primary is alive. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < LINE_BYTES_MAX) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the node closed the connection");
            }
            if (next != '\n') {
                line.write(next);
            } else if (line.size() > 0) {
                return line.toString(StandardCharsets.ISO_8859_1).strip();
            }
        }
        throw new IOException("the node answers something else than lines");
    }

    /** Writes the RDB and returns its length. */
    long writeTo(OutputStream out) throws IOException {
        String announcement = ask("SYNC");
        if (announcement.startsWith(STREAMED)) {
            return copyToMark(announcement.substring(STREAMED.length()).getBytes(StandardCharsets.ISO_8859_1), out);
        }
        if (!announcement.matches("\\$\\d{1,18}")) {
            throw new IOException(announcement.startsWith("-") ? announcement.substring(1) : "no snapshot: " + announcement);
        }
        long bytes = Long.parseLong(announcement.substring(1));
        byte[] piece = new byte[PIECE_BYTES];
        for (long left = bytes; left > 0; ) {
            int count = read(piece, 0, (int) Math.min(left, piece.length));
            out.write(piece, 0, count);
            left -= count;
        }
        return bytes;
    }

    /** Nothing follows the mark before a replica has acknowledged, so it is found where the bytes end for now. */
    private long copyToMark(byte[] mark, OutputStream out) throws IOException {
        if (mark.length != MARK_BYTES) {
            throw new IOException("the node announces a snapshot without a mark at its end");
        }
        byte[] piece = new byte[MARK_BYTES + PIECE_BYTES];
        int held = 0;
        long bytes = 0;
        while (held < MARK_BYTES || !Arrays.equals(piece, 0, MARK_BYTES, mark, 0, MARK_BYTES)) {
            int filled = held + read(piece, held, PIECE_BYTES);
            int done = Math.max(0, filled - MARK_BYTES);
            out.write(piece, 0, done);
            bytes += done;
            held = filled - done;
            System.arraycopy(piece, done, piece, 0, held);
        }
        return bytes;
    }

    private int read(byte[] into, int from, int most) throws IOException {
        int count = in.read(into, from, most);
        if (count < 0) {
            throw new EOFException("the node closed the connection in the middle of the snapshot");
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
