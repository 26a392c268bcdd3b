package io.granary.node.dispatch;

import io.granary.resp.Request;
import io.granary.slots.command.Command;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;
import java.util.Set;

/** Arguments that no log and no monitor may show: passwords. */
public final class Redaction {

    private static final Set<String> SECRET_DIRECTIVES =
            Set.of("requirepass", "masterauth", "primaryauth", "masteruser", "tls-key-file-pass",
                    "tls-client-key-file-pass");

    private Redaction() {}

    /** What stands in the place of a secret argument. */
    public static byte[] text() {
        return "(redacted)".getBytes(StandardCharsets.US_ASCII);
    }

    /** The indexes of the arguments of the request that are secret. */
    static BitSet of(Command<?> command, Request request) {
        return switch (command.name()) {
            case "AUTH" -> from(1, request.count());
            case "HELLO" -> ofHello(request);
            case "MIGRATE" -> ofMigrate(request);
            case "CONFIG SET" -> ofConfigSet(request);
            default -> new BitSet(0);
        };
    }

    private static BitSet from(int first, int end) {
        BitSet secret = new BitSet(end);
        secret.set(first, end);
        return secret;
    }

    private static BitSet ofHello(Request request) {
        for (int i = 2; i + 2 < request.count(); i++) {
            if (request.is(i, "AUTH")) {
                return from(i + 1, i + 3);
            }
        }
        return new BitSet(0);
    }

    private static BitSet ofMigrate(Request request) {
        BitSet secret = new BitSet(request.count());
        for (int i = 6; i < request.count() && !request.is(i, "KEYS"); i++) {
            int secrets = request.is(i, "AUTH2") ? 2 : request.is(i, "AUTH") ? 1 : 0;
            secret.set(i + 1, i + 1 + secrets);
            i += secrets;
        }
        return secret;
    }

    private static BitSet ofConfigSet(Request request) {
        BitSet secret = new BitSet(request.count());
        for (int i = 2; i + 1 < request.count(); i += 2) {
            if (SECRET_DIRECTIVES.contains(request.toText(i).toLowerCase(Locale.ROOT))) {
                secret.set(i + 1);
            }
        }
        return secret;
    }
}
