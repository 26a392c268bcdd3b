package io.granary.slots.transcript;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Requests at random, the same ones from the same seed: commands on strings and keys, on few keys so that they meet, with
 * options and values that are mostly sensible. Nothing in them depends on time or on the order of keys: expiries are far in
 * the future or long past.
 */
public final class RandomCommands {

    private static final List<String> KEYS = List.of("a", "b", "c", "d", "e");
    private static final List<String> INTEGERS = List.of(
            "0", "1", "-1", "7", "42", "9999", "10000", "-100", "123456789012", "9223372036854775807",
            "-9223372036854775808", "9223372036854775806");
    private static final List<String> FLOATS = List.of(
            "0", "0.1", "-0.3", "1.5", "3.14159", "1e3", "1e-5", "-2.5e2", "123456.789", "1e17", "0x10", ".5", "5.",
            "1e-18");
    private static final List<String> TEXTS = List.of(
            "\"\"", "x", "hello", "01", "-0", "+1", "\" 1\"", "1.0", "\"\\x00\\xff\"", "99999999999999999999",
            "01234567890123456789012345678901234567890123", "012345678901234567890123456789012345678901234",
            "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz".replace(" ", "-"));
    private static final List<String> TIMES_MS =
            List.of("32503680000000", "32503680000499", "32503680000500", "32600000000001", "1", "9223372036854775807");
    private static final List<String> TIMES = List.of("32503680000", "32600000000", "1", "9223372036854775");
    private static final List<String> BAD = List.of("foo", "1.5", "\"\"", "-1", "0", "9223372036854775808", "010");
    private static final List<String> PATTERNS = List.of("*", "?", "[a-c]", "[^a]*", "b", "\\c", "a*", "**", "[", "*?");

    private final Random random;

    public RandomCommands(long seed) {
        random = new Random(seed);
    }

    public List<String> next(int count) {
        return IntStream.range(0, count).mapToObj(_ -> next()).toList();
    }

    private String next() {
        return switch (random.nextInt(38)) {
            case 0, 1, 2 -> "SET " + key() + " " + value() + setOptions();
            case 3 -> "GET " + key();
            case 4 -> "GETEX " + key() + expiryOption(" PERSIST");
            case 5 -> "GETDEL " + key();
            case 6 -> "GETSET " + key() + " " + value();
            case 7 -> "APPEND " + key() + " " + value();
            case 8 -> "STRLEN " + key();
            case 9 -> oneOf("GETRANGE", "SUBSTR") + " " + key() + " " + index() + " " + index();
            case 10 -> "SETRANGE " + key() + " " + rarely(oneOf(BAD), oneOf("0", "1", "3", "60")) + " " + value();
            case 11 -> oneOf("INCR", "DECR") + " " + key();
            case 12, 13 -> oneOf("INCRBY", "DECRBY") + " " + key() + " " + rarely(oneOf(BAD), oneOf(INTEGERS));
            case 14, 15 -> "INCRBYFLOAT " + key() + " " + rarely(oneOf(TEXTS), oneOf(FLOATS));
            case 16 -> "MGET " + keys();
            case 17 -> oneOf("MSET", "MSETNX") + pairs();
            case 18 -> "SETNX " + key() + " " + value();
            case 19 -> "LCS " + key() + " " + key() + oneOf("", " LEN", " IDX", " IDX WITHMATCHLEN", " IDX MINMATCHLEN 2");
            case 20 -> oneOf("DEL", "UNLINK") + " " + keys();
            case 21 -> oneOf("EXISTS", "TOUCH") + " " + keys();
            case 22, 23 -> oneOf("EXPIREAT", "PEXPIREAT") + " " + key() + " "
                    + rarely(oneOf(BAD), oneOf(TIMES)) + rarely(oneOf(" NX XX", " foo", " GT LT"), condition());
            case 24, 25 -> "PEXPIREAT " + key() + " " + oneOf(TIMES_MS) + condition();
            case 26 -> oneOf("EXPIRETIME", "PEXPIRETIME", "TYPE") + " " + key();
            case 27 -> "PERSIST " + key();
            case 28 -> "OBJECT ENCODING " + key();
            case 29, 30 -> oneOf("RENAME", "RENAMENX") + " " + key() + " " + key();
            case 31, 32 -> "COPY " + key() + " " + key() + oneOf("", " REPLACE", " DB 1", " DB 1 REPLACE");
            case 33 -> "MOVE " + key() + " " + rarely("0", "1");
            case 34 -> "SELECT " + random.nextInt(2);
            case 35 -> oneOf("KEYS " + oneOf(PATTERNS), "DBSIZE");
            case 36 -> rarely("SWAPDB 0 1", rarely("FLUSHDB", "DBSIZE"));
            default -> oneOf("SETEX ", "PSETEX ") + key() + " " + oneOf(BAD) + " v";
        };
    }

    private String key() {
        return oneOf(KEYS);
    }

    private String keys() {
        return IntStream.rangeClosed(0, random.nextInt(3)).mapToObj(_ -> key()).collect(Collectors.joining(" "));
    }

    private String pairs() {
        return IntStream.rangeClosed(0, random.nextInt(2))
                .mapToObj(_ -> " " + key() + " " + value())
                .collect(Collectors.joining());
    }

    private String value() {
        return oneOf(oneOf(INTEGERS), oneOf(INTEGERS), oneOf(FLOATS), oneOf(TEXTS));
    }

    private String index() {
        return oneOf("0", "1", "-1", "5", "-5", "100", "-100", rarely(oneOf(BAD), "2"));
    }

    private String setOptions() {
        String options = "";
        for (int i = random.nextInt(3); i > 0; i--) {
            options += oneOf(" NX", " XX", " GET", expiryOption(" KEEPTTL"));
        }
        return options;
    }

    private String expiryOption(String other) {
        return switch (random.nextInt(5)) {
            case 0 -> " EXAT " + rarely(oneOf(BAD), oneOf(TIMES));
            case 1 -> " PXAT " + rarely(oneOf(BAD), oneOf(TIMES_MS));
            case 2 -> other;
            case 3 -> rarely(oneOf(" EX 0", " PX -1", " EX foo", " EXAT", " PX 9223372036854775807"), "");
            default -> "";
        };
    }

    private String condition() {
        return oneOf("", "", " NX", " XX", " GT", " LT", " XX GT", " LT XX");
    }

    private String rarely(String rare, String usual) {
        return random.nextInt(8) == 0 ? rare : usual;
    }

    private String oneOf(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private String oneOf(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
