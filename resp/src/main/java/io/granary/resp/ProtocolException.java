package io.granary.resp;

import java.io.IOException;

/** A peer sent what is not the protocol, or more of it than was agreed; nothing behind it can be understood. */
public final class ProtocolException extends IOException {

    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }
}
