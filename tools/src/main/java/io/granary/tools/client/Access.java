package io.granary.tools.client;

/**
 * How nodes are talked to.
 *
 * @param user null for the default user
 * @param password null where none is needed
 * @param timeoutMs bounds the connecting, and then the wait for each piece of a reply
 */
public record Access(String user, String password, int timeoutMs) {

    /** Without a password. */
    public static Access within(int timeoutMs) {
        return new Access(null, null, timeoutMs);
    }

    /** The same with another timeout, in ms. */
    public Access waiting(int otherTimeoutMs) {
        return new Access(user, password, otherTimeoutMs);
    }

    /** Not the password. */
    @Override
    public String toString() {
        return "Access[user=" + user + ", timeoutMs=" + timeoutMs + "]";
    }
}
