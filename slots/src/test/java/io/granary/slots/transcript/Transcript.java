package io.granary.slots.transcript;

import io.granary.resp.CliText;
import io.granary.resp.Frame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A text file of requests and the replies that they must get, in the order in which one client sends them.
 *
 * <pre>
 * # A comment.
 * &gt; SET a 1
 * OK
 * &gt; KEYS *
 * (in any order)
 * 1) "a"
 * &gt; PTTL a
 * ~ \(integer\) 99\d\d\d
 * </pre>
 *
 * <p>A line with {@code >} is a request, quoted as for redis-cli; the lines behind it, up to an empty line, a comment, a
 * directive or the next request, are the reply as redis-cli shows it. {@code (in any order)} lets the elements of a flat
 * array come in any order, and a reply behind {@code ~} is a regular expression. Directives:
 *
 * <ul>
 *   <li>{@code @since 7.4}: the next request is only for servers with the texts of this version or a later one;
 *   <li>{@code @granary}: the next request is one that redis-server answers otherwise on purpose;
 *   <li>{@code @resp3}, {@code @resp2}: the protocol from here on;
 *   <li>{@code @config maxmemory-policy allkeys-lfu}: what CONFIG SET would do.
 * </ul>
 */
public final class Transcript {

    private static final String ANY_ORDER = "(in any order)";
    private static final String PATTERN = "~ ";

    private sealed interface Step {}

    /** A request and its reply. */
    private record Exchange(int line, String request, List<String> reply, String since, boolean onlyGranary)
            implements Step {}

    private record Protocol(boolean resp3) implements Step {}

    private record Setting(String directive, String value) implements Step {}

    private final String name;
    private final List<Step> steps = new ArrayList<>();

    private Transcript(String name) {
        this.name = name;
    }

    /** All transcripts that lie directly in a folder of the class path, such as {@code "/transcripts"}. */
    public static List<Transcript> in(String folder) {
        try {
            URI uri = Transcript.class.getResource(folder).toURI();
            if (!"jar".equals(uri.getScheme())) {
                return read(Path.of(uri));
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return read(jar.getPath(folder));
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Transcript> read(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Transcript> transcripts = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".txt")).sorted().toList()) {
                transcripts.add(parse(file.getFileName().toString(), Files.readAllLines(file, StandardCharsets.UTF_8)));
            }
            return transcripts;
        }
    }

    /** Reads a transcript from its lines. */
    public static Transcript parse(String name, List<String> lines) {
        Transcript transcript = new Transcript(name);
        String since = null;
        boolean onlyGranary = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("> ")) {
                List<String> reply = new ArrayList<>();
                while (i + 1 < lines.size() && isReply(lines.get(i + 1))) {
                    reply.add(lines.get(++i));
                }
                transcript.steps.add(new Exchange(i + 1 - reply.size(), line.substring(2), reply, since, onlyGranary));
                since = null;
                onlyGranary = false;
            } else if (line.startsWith("@since ")) {
                since = line.substring("@since ".length());
            } else if (line.equals("@granary")) {
                onlyGranary = true;
            } else if (line.startsWith("@resp")) {
                transcript.steps.add(new Protocol(line.equals("@resp3")));
            } else if (line.startsWith("@config ")) {
                String[] words = line.split(" ", 3);
                transcript.steps.add(new Setting(words[1], words[2]));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new IllegalArgumentException(name + ":" + (i + 1) + ": neither request nor directive: " + line);
            }
        }
        return transcript;
    }

    private static boolean isReply(String line) {
        return !line.isBlank() && !line.startsWith("> ") && !line.startsWith("#") && !line.startsWith("@");
    }

    /** Holds the conversation, from an empty server on; fails on the first reply that differs. */
    public void play(Conversation server) {
        server.resp3(false);
        server.ask(CommandLine.split("SELECT 0"));
        server.ask(CommandLine.split("FLUSHALL"));
        for (Step step : steps) {
            switch (step) {
                case Exchange exchange -> play(exchange, server);
                case Protocol(boolean resp3) -> server.resp3(resp3);
                case Setting(String directive, String value) -> server.configure(directive, value);
            }
        }
    }

    /** As {@link #play}, but all requests are sent before the first reply is read, as a client with a pipeline does. */
    public void playAtOnce(Conversation server) {
        List<List<byte[]>> requests = new ArrayList<>();
        List<Exchange> exchanges = new ArrayList<>();
        for (String line : List.of("HELLO 2", "SELECT 0", "FLUSHALL")) {
            requests.add(CommandLine.split(line));
            exchanges.add(null);
        }
        for (Step step : steps) {
            if (step instanceof Exchange exchange && !isFor(exchange, server)) {
                continue;
            }
            requests.add(CommandLine.split(switch (step) {
                case Exchange exchange -> exchange.request;
                case Protocol(boolean resp3) -> resp3 ? "HELLO 3" : "HELLO 2";
                case Setting(String directive, String value) -> "CONFIG SET " + directive + " " + value;
            }));
            exchanges.add(step instanceof Exchange exchange ? exchange : null);
        }
        List<Frame> replies = server.askAll(requests);
        for (int i = 0; i < replies.size(); i++) {
            if (exchanges.get(i) != null) {
                check(exchanges.get(i), replies.get(i));
            }
        }
    }

    private static boolean isFor(Exchange exchange, Conversation server) {
        return (exchange.since == null || compare(exchange.since, server.version()) <= 0)
                && (!exchange.onlyGranary || server.isGranary());
    }

    private void play(Exchange exchange, Conversation server) {
        if (isFor(exchange, server)) {
            check(exchange, server.ask(CommandLine.split(exchange.request)));
        }
    }

    private void check(Exchange exchange, Frame reply) {
        List<String> answer = List.of(CliText.of(reply).split("\n"));
        if (!matches(exchange.reply, answer)) {
            throw new AssertionError(name + ":" + exchange.line + ": > " + exchange.request
                    + "\nexpected:\n" + String.join("\n", exchange.reply) + "\nreceived:\n" + String.join("\n", answer));
        }
    }

    private static int compare(String version, String other) {
        return Double.compare(Double.parseDouble(version), Double.parseDouble(other));
    }

    private static boolean matches(List<String> expected, List<String> answer) {
        if (expected.isEmpty()) {
            return false;
        }
        if (expected.getFirst().equals(ANY_ORDER)) {
            return elements(expected.subList(1, expected.size())).equals(elements(answer));
        }
        if (expected.getFirst().startsWith(PATTERN)) {
            return String.join("\n", answer).matches(String.join("\n", expected).substring(PATTERN.length()));
        }
        return expected.equals(answer);
    }

    private static List<String> elements(List<String> lines) {
        return lines.stream().map(line -> line.replaceFirst("^ *\\d+\\) ", "")).sorted().toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
