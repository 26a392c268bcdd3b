package io.granary.tools.cluster;

import io.granary.resp.Frame;
import io.granary.tools.client.Access;
import io.granary.tools.client.Address;
import io.granary.tools.client.Connection;
import io.granary.tools.client.ErrorReply;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** One connection to each node that is talked to, opened when it is first needed. For one thread. */
public final class Links implements AutoCloseable {

    private final Access access;
    private final Map<Address, Connection> open = new HashMap<>();

    public Links(Access access) {
        this.access = access;
    }

    public Access access() {
        return access;
    }

    /** A connection that broke is opened anew by the next call. */
    public Frame call(NodeReport node, Object... words) throws IOException {
        return call(node.address(), words);
    }

    /** As {@link #call(NodeReport, Object...)}; what goes wrong names the node, except for a node's own words. */
    public Frame call(Address address, Object... words) throws IOException {
        try {
            Connection connection = open.get(address);
            if (connection == null) {
                connection = Connection.open(address, access);
                open.put(address, connection);
            }
            return connection.call(words);
        } catch (ErrorReply refused) {
            throw refused;
        } catch (IOException e) {
            drop(address);
            throw new IOException("node " + address + ": " + NodeReport.reason(e, access), e);
        }
    }

    /** As {@link #call(NodeReport, Object...)}, for a command that the node must not refuse: its refusal names the node. */
    public Frame require(NodeReport node, Object... words) throws IOException {
        try {
            return call(node, words);
        } catch (ErrorReply refused) {
            throw new IOException("node " + node.address() + " refuses " + words[0] + " "
                    + (words.length > 1 ? words[1] : "") + ": " + refused.getMessage(), refused);
        }
    }

    private void drop(Address address) throws IOException {
        Connection broken = open.remove(address);
        if (broken != null) {
            broken.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : open.values()) {
            connection.close();
        }
        open.clear();
    }
}
