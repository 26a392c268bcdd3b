package io.granary.node.migrate;

/** The target of a transfer, or the way to it, has failed; the message is the error for the client, its code included. */
final class TransferException extends Exception {

    private static final long serialVersionUID = 1;

    private final boolean timedOut;

    private TransferException(String error, boolean timedOut) {
        super(error, null, false, false);
        this.timedOut = timedOut;
    }

    static TransferException connecting() {
        return new TransferException("IOERR error or timeout connecting to the client", true);
    }

    static TransferException writing(boolean timedOut) {
        return new TransferException("IOERR error or timeout writing to target instance", timedOut);
    }

    static TransferException reading(boolean timedOut) {
        return new TransferException("IOERR error or timeout reading to target instance", timedOut);
    }

    /** The target has answered with an error. */
    static TransferException refused(String error) {
        return new TransferException("ERR Target instance replied with error: " + error, true);
    }

    /** This node may not change its keys any more. */
    static TransferException deposed() {
        return new TransferException("UNBLOCKED force unblock from blocking operation, instance state changed"
                + " (master -> replica?)", true);
    }

    /** Whether a new connection would not help: so much time has passed, or the target is there and does not want. */
    boolean isFinal() {
        return timedOut;
    }
}
