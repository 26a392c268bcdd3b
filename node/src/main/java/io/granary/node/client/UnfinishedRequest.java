package io.granary.node.client;

import io.granary.resp.Request;

/**
 * The request of one client of which only a part has come. It is decoded in a row that all clients of a loop share, and
 * changes places with a spare one when the row is another client's turn: nothing is copied.
 */
public final class UnfinishedRequest {

    /** The part, or what is put into its place in the row. */
    private Request request;
    private boolean present;

    UnfinishedRequest() {}

    /** Keeps the request at {@code index}, of which only a part has come, and leaves another in its place. */
    public void keep(Request[] row, int index) {
        Request part = row[index];
        row[index] = request == null ? new Request() : request;
        request = part;
        present = true;
    }

    /** Puts the request that was kept, if any, first again. */
    public void takeBack(Request[] row) {
        if (present) {
            Request spare = row[0];
            row[0] = request;
            request = spare;
            present = false;
        }
    }
}
