package io.granary.node.conformance;

import io.granary.slots.transcript.Connection;
import io.granary.slots.transcript.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of metrics, read as strictly as the format is written down: kind and help before the samples, a family in one
 * piece, no sample twice.
 *
 * @param samples by name and labels as written, {@code redis_db_keys{db="db0"}}
 * @param kinds by family
 */
record Scrape(Map<String, Double> samples, Map<String, String> kinds) {

    private static final int TRIES = 20;
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?:[a-zA-Z_]\\w*=\"(?:[^\"\\\\]|\\\\[\\\\\"n])*\",?)*})? (\\S+)");

    /** Gives a node a metrics port while it runs; returns the port. */
    static int open(Connection node) {
        for (int i = 0; i < TRIES; i++) {
            int port = FreePorts.next();
            if (node.ask("CONFIG", "SET", "metrics-port", Integer.toString(port)).text().equals("OK")) {
                return port;
            }
        }
        throw new IllegalStateException("no port for metrics");
    }

    static HttpResponse<String> get(int port, String path) {
        return ask(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build());
    }

    static HttpResponse<String> ask(HttpRequest request) {
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(request.uri().toString(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the port shows as {@code /metrics}. */
    static Scrape of(int port) {
        return parse(get(port, "/metrics").body());
    }

    static Scrape parse(String page) {
        if (!page.endsWith("\n")) {
            throw new AssertionError("the last line has no end");
        }
        Scrape scrape = new Scrape(new LinkedHashMap<>(), new LinkedHashMap<>());
        Set<String> begun = new HashSet<>();
        String family = "";
        for (String line : page.split("\n")) {
            if (line.startsWith("# HELP ")) {
                continue;
            }
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ");
                family = words[2];
                if (scrape.kinds.put(family, words[3]) != null) {
                    throw new AssertionError("a family in two pieces: " + family);
                }
                continue;
            }
            scrape.add(family, line);
            begun.add(family);
        }
        if (!begun.equals(scrape.kinds.keySet())) {
            throw new AssertionError("families without samples");
        }
        return scrape;
    }

    private void add(String family, String line) {
        Matcher sample = SAMPLE.matcher(line);
        if (!sample.matches()) {
            throw new AssertionError("no sample: " + line);
        }
        String name = sample.group(1);
        boolean belongs = name.equals(family) || Set.of("summary", "histogram").contains(kinds.get(family))
                && Set.of("_sum", "_count", "_bucket").contains(name.substring(Math.min(name.length(), family.length())));
        String series = name + (sample.group(2) == null ? "" : sample.group(2));
        if (!belongs || samples.put(series, number(sample.group(3))) != null) {
            throw new AssertionError("in the wrong family, or twice: " + line);
        }
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace("+Inf", "Infinity"));
    }

    double value(String series) {
        Double value = samples.get(series);
        if (value == null) {
            throw new AssertionError("no " + series + " in " + samples.keySet());
        }
        return value;
    }
}
