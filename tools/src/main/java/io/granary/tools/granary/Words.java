package io.granary.tools.granary;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a user wrote behind a verb that takes more than an address: the cluster, if it is named, and the rest.
 *
 * @param cluster what {@link ClusterOptions#seeds} reads: one word or none
 */
record Words(List<String> cluster, List<String> rest) {

    /** The first word names the cluster if it looks like {@code host:port}. */
    static Words of(List<String> words) {
        boolean named = !words.isEmpty() && isAddress(words.getFirst());
        return new Words(named ? words.subList(0, 1) : List.of(), named ? words.subList(1, words.size()) : words);
    }

    static boolean isAddress(String word) {
        return word.matches(".*:\\d{1,5}");
    }

    /** The one word behind the cluster. */
    String only(CommandSpec spec, String what) {
        Usage.require(spec, !rest.isEmpty(), "missing: " + what);
        Usage.require(spec, rest.size() == 1, "too much: " + String.join(" ", rest.subList(1, rest.size())));
        return rest.getFirst();
    }
}
