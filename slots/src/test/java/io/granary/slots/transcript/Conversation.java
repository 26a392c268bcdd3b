package io.granary.slots.transcript;

import io.granary.resp.Frame;
import java.util.List;

/** A server that answers one request at a time, as one client. */
public interface Conversation extends AutoCloseable {

    Frame ask(List<byte[]> arguments);

    /** Sends all requests, then reads all replies. */
    default List<Frame> askAll(List<List<byte[]>> requests) {
        return requests.stream().map(this::ask).toList();
    }

    /** Speaks RESP3 from now on, or RESP2. */
    void resp3(boolean on);

    /** Changes a directive, as CONFIG SET would. */
    void configure(String directive, String value);

    /** The version that the server's texts are those of, such as {@code 7.0} or {@code 7.4}. */
    String version();

    /** Whether this is Granary: what redis-server does not do is asked only then. */
    boolean isGranary();

    @Override
    void close();
}
