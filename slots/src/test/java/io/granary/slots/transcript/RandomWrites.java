package io.granary.slots.transcript;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Requests at random, the same ones from the same seed, for what a server tells its replicas: those of {@link
 * RandomCommands}, and among them what depends on the clock, keys that have expired already, walks that meet those, and
 * transactions.
 */
public final class RandomWrites {

    private static final int QUEUED_MAX = 5;
    private static final List<String> SECONDS = List.of("1000", "2000", "3000");
    private final Random random;
    private final RandomCommands others;
    private final boolean transactions;
    private final String payload;

    /**
     * @param transactions whether there are any
     * @param payload what DUMP has answered for some string, quoted, or null for no RESTORE
     */
    public RandomWrites(long seed, boolean transactions, String payload) {
        random = new Random(seed);
        others = new RandomCommands(seed);
        this.transactions = transactions;
        this.payload = payload;
    }

    public List<String> next(int count) {
        List<String> requests = new ArrayList<>();
        while (requests.size() < count) {
            if (transactions && random.nextInt(10) == 0) {
                requests.add("MULTI");
                for (int i = random.nextInt(QUEUED_MAX); i >= 0; i--) {
                    requests.add(next());
                }
                requests.add(random.nextInt(6) == 0 ? "DISCARD" : "EXEC");
            } else {
                requests.add(next());
            }
        }
        return requests;
    }

    private String next() {
        return switch (random.nextInt(24)) {
            case 0 -> "SET " + key() + " v" + random.nextInt(9) + timeOf(" EX ", " PX ") + oneOf("", " NX", " XX", " GET", " get");
            case 1 -> oneOf("SETEX ", "PSETEX ") + key() + " " + seconds() + "000 v";
            case 2 -> oneOf("EXPIRE ", "expire ") + key() + " " + seconds() + oneOf("", " NX", " xx");
            case 3 -> "PEXPIRE " + key() + " " + seconds() + "000" + oneOf("", " NX", " XX");
            case 4 -> oneOf("EXPIRE ", "PEXPIRE ") + key() + " -1" + oneOf("", " NX", " XX");
            case 5 -> "GETEX " + key() + timeOf(" EX ", " PX ");
            case 6, 7, 8 -> "SET " + key() + " gone " + oneOf("PXAT 1", "EXAT 1", "PXAT 1000");
            case 9 -> "SCAN 0 COUNT 100";
            case 10 -> oneOf("FLUSHALL", "FLUSHDB", "FLUSHALL ASYNC", "flushdb sync", "SWAPDB 0 1", "SWAPDB 1 1");
            case 11 -> payload == null ? "GET " + key() : restore();
            default -> others.next(1).getFirst();
        };
    }

    private String restore() {
        String ttl = oneOf("0", seconds() + "000", "1 ABSTTL", "32503680000000 ABSTTL");
        int space = ttl.indexOf(' ');
        String time = space < 0 ? ttl : ttl.substring(0, space);
        String rest = space < 0 ? "" : ttl.substring(space);
        return "RESTORE " + key() + " " + time + " " + payload + rest + oneOf("", " REPLACE", " REPLACE", " IDLETIME 5");
    }

    private String timeOf(String seconds, String milliseconds) {
        return random.nextBoolean() ? seconds + seconds() : milliseconds + seconds() + "000";
    }

    private String seconds() {
        return SECONDS.get(random.nextInt(SECONDS.size()));
    }

    private String key() {
        return oneOf("a", "b", "c", "d", "e");
    }

    private String oneOf(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
