package io.granary.tools.client;

import java.io.IOException;

/** What a node refused, in its own words. */
public final class ErrorReply extends IOException {

    private static final long serialVersionUID = 1L;

    public ErrorReply(String text) {
        super(text);
    }
}
