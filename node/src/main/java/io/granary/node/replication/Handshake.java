package io.granary.node.replication;

import io.granary.resp.RequestEncoder;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;

/**
 * The replica's part in the dialogue that opens a link: what it says, and what it makes of the answers. Knows neither socket
 * nor time.
 *
 * <pre>
 * PING                                        +PONG, or an error that asks for a password
 * AUTH [user] password                        +OK
 * REPLCONF listening-port, ip-address, capa   +OK, or errors of old primaries, which do no harm
 * PSYNC id offset [FAILOVER]                  +FULLRESYNC id offset | +CONTINUE [id] | errors
 * </pre>
 *
 * Source: syncWithMaster and slaveTryPartialResynchronization in replication.c of Redis 7.4.
 */
final class Handshake {

    private static final int ID_LENGTH = 40;

    /**
     * What a replica says of itself.
     *
     * @param user with whose rights the replica logs in, or empty
     * @param password empty for none
     * @param port under which the replica is to be shown
     * @param announcedHost under which the replica is to be shown, or empty
     */
    record Introduction(String user, String password, int port, String announcedHost) {}

    /**
     * Where the replica wants to go on.
     *
     * @param id of the history that it has, or null for none
     * @param next the first offset that it has not
     * @param takeOver whether the other node is to become the primary first: FAILOVER
     */
    record Wish(String id, long next, boolean takeOver) {}

    /** What is to be done after an answer. */
    sealed interface Step {

        /** The next part of the dialogue is sent. */
        record Send(byte[] requests) implements Step {}

        /** Another answer is awaited. */
        record Wait() implements Step {
            private static final Wait FOR_MORE = new Wait();
        }

        /** All data come, then the stream behind {@code offset}. */
        record FullSync(String id, long offset) implements Step {}

        /** The stream goes on where the replica wished; {@code id} is the new name of the history, or null. */
        record Continue(String id) implements Step {}

        /** Not now; perhaps soon. */
        record Later(String reason) implements Step {}

        /** This will not do; perhaps somebody mends it. */
        record Refuse(String reason) implements Step {}
    }

    /** What the next answer is to. */
    private enum Question { PING, AUTH, LISTENING_PORT, IP_ADDRESS, CAPA, PSYNC }

    private final Introduction introduction;
    private final Wish wish;
    private final Queue<Question> open = new ArrayDeque<>();
    private final StringBuilder oddities = new StringBuilder();

    Handshake(Introduction introduction, Wish wish) {
        this.introduction = introduction;
        this.wish = wish;
    }

    /** The first thing that is said. */
    byte[] opening() {
        open.add(Question.PING);
        return RequestEncoder.encode("PING");
    }

    /** What the primary did not understand and need not: for the log; empty if it understood all. */
    String oddities() {
        return oddities.toString();
    }

    /** Takes the next answer, a line without its end; the empty ones that keep the link alive count as none. */
    Step answered(String line) {
        if (line.isEmpty()) {
            return Step.Wait.FOR_MORE;
        }
        Question question = open.remove();
        return switch (question) {
            case PING -> afterPing(line);
            case AUTH -> line.startsWith("-") ? new Step.Refuse("Unable to AUTH to MASTER: " + line) : Step.Wait.FOR_MORE;
            case LISTENING_PORT, IP_ADDRESS, CAPA -> afterWord(question, line);
            case PSYNC -> afterPsync(line);
        };
    }

    private Step afterPing(String line) {
        boolean fine = line.startsWith("+") || line.startsWith("-NOAUTH") || line.startsWith("-NOPERM")
                || line.startsWith("-ERR operation not permitted");
        if (!fine) {
            String reason = "Error reply to PING from master: '" + line + "'";
            return line.startsWith("-LOADING") || line.startsWith("-MASTERDOWN")
                    ? new Step.Later(reason) : new Step.Refuse(reason);
        }
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        if (!introduction.password().isEmpty()) {
            ask(requests, Question.AUTH, introduction.user().isEmpty()
                    ? RequestEncoder.encode("AUTH", introduction.password())
                    : RequestEncoder.encode("AUTH", introduction.user(), introduction.password()));
        }
        ask(requests, Question.LISTENING_PORT,
                RequestEncoder.encode("REPLCONF", "listening-port", Integer.toString(introduction.port())));
        if (!introduction.announcedHost().isEmpty()) {
            ask(requests, Question.IP_ADDRESS,
                    RequestEncoder.encode("REPLCONF", "ip-address", introduction.announcedHost()));
        }
        ask(requests, Question.CAPA, RequestEncoder.encode("REPLCONF", "capa", "eof", "capa", "psync2", "capa", "setslot"));
        return new Step.Send(requests.toByteArray());
    }

    private void ask(ByteArrayOutputStream requests, Question question, byte[] request) {
        open.add(question);
        requests.writeBytes(request);
    }

    private Step afterWord(Question question, String line) {
        if (line.startsWith("-")) {
            String word = question.name().toLowerCase(Locale.ROOT).replace('_', '-');
            oddities.append(oddities.isEmpty() ? "" : "; ")
                    .append("(Non critical) Master does not understand REPLCONF ").append(word).append(": ").append(line);
        }
        return open.isEmpty() ? psync() : Step.Wait.FOR_MORE;
    }

    private Step psync() {
        String id = wish.id() == null ? "?" : wish.id();
        String offset = Long.toString(wish.id() == null ? -1 : wish.next());
        open.add(Question.PSYNC);
        return new Step.Send(wish.takeOver()
                ? RequestEncoder.encode("PSYNC", id, offset, "FAILOVER") : RequestEncoder.encode("PSYNC", id, offset));
    }

    private Step afterPsync(String line) {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "+FULLRESYNC" -> fullSync(words, line);
            case "+CONTINUE" -> goOn(words, line);
            case "-NOMASTERLINK", "-LOADING", "-MASTERDOWN" -> new Step.Later(
                    "Master is currently unable to PSYNC but should be in the future: " + line);
            default -> new Step.Refuse(line.startsWith("-ERR")
                    ? "Master does not support PSYNC or is in error state (reply: " + line + ")"
                    : "Unexpected reply to PSYNC from master: " + line);
        };
    }

    private static Step fullSync(String[] words, String line) {
        if (words.length == 3 && isId(words[1]) && words[2].matches("[0-9]{1,18}")) {
            return new Step.FullSync(words[1], Long.parseLong(words[2]));
        }
        return new Step.Refuse("Master replied with wrong +FULLRESYNC syntax: " + line);
    }

    private Step goOn(String[] words, String line) {
        boolean named = words.length > 1 && !words[1].isEmpty();
        if (wish.id() == null || words.length > 2 || named && !isId(words[1])) {
            return new Step.Refuse("Unexpected reply to PSYNC from master: " + line);
        }
        return new Step.Continue(named && !words[1].equals(wish.id()) ? words[1] : null);
    }

    private static boolean isId(String word) {
        return word.length() == ID_LENGTH && word.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'z');
    }
}
