package io.granary.node.commands;

import io.granary.node.client.ClientSession;
import io.granary.node.config.TextSetting;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import java.security.MessageDigest;

/** Who may talk to this node: the one password of {@code requirepass}, for the one user {@code default}. */
public final class Authentication {

    private static final CommandException WRONG =
            new CommandException("WRONGPASS invalid username-password pair or user is disabled.");

    private final TextSetting password;

    public Authentication(TextSetting password) {
        this.password = password;
    }

    /** Whether clients have to authenticate. */
    boolean required() {
        return !password.isEmpty();
    }

    /** The form without a user name, which makes no sense where no password is set. */
    void authenticate(ClientSession session, byte[] given) {
        if (!required()) {
            throw Errors.err("AUTH <password> called without any password configured for the default user. Are you sure your"
                    + " configuration is correct?");
        }
        authenticate(session, "default", given);
    }

    /** Takes the client in, or refuses it. */
    void authenticate(ClientSession session, String user, byte[] given) {
        if (!user.equals("default") || required() && !same(password.bytes(), given)) {
            session.registry().wrongPassword();
            throw WRONG;
        }
        session.authenticated(true);
        session.profile().user(user);
    }

    /** Compares digests, so that the time it takes tells nothing of the password, its length included. */
    private static boolean same(byte[] expected, byte[] given) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return MessageDigest.isEqual(digest.digest(expected), digest.digest(given));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
