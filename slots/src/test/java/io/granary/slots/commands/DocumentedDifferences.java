package io.granary.slots.commands;

import io.granary.slots.commands.CommandComparison.Difference;
import java.util.Map;

/**
 * Where the command table follows Redis 7.4, or means to differ, while the server beside it is of 7.0: each with its reason.
 */
public final class DocumentedDifferences {

    private static final String DEPRECATED_LATER = "called deprecated since 7.2";
    private static final String TOLD_LATER = "told of since 7.2";

    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("client|kill, arguments", "7.4 added MAXAGE, and says what SKIPME takes"),
            Map.entry("client|list, arguments", "7.4 describes the same without a block"),
            Map.entry("client|pause, since", "7.2 gives the version of the release"),
            Map.entry("client|setname, tips", TOLD_LATER),
            Map.entry("cluster|shards, flags", "7.4 answers while it loads"),
            Map.entry("cluster|slots, flags", "7.4 answers while it loads"),
            Map.entry("command|getkeys, arity", "7.4 takes a command without arguments"),
            Map.entry("command|getkeysandflags, arity", "7.4 takes a command without arguments"),
            Map.entry("command|getkeys, arguments", "described since 7.2"),
            Map.entry("command|getkeysandflags, arguments", "described since 7.2"),
            Map.entry("config|get, arguments", "7.4 describes the same without a block"),
            Map.entry("config|resetstat, tips", TOLD_LATER),
            Map.entry("config|rewrite, tips", TOLD_LATER),
            Map.entry("keys, arity", "ours may come without a pattern"),
            Map.entry("keys, arguments", "ours may come without a pattern"),
            Map.entry("latency|reset, tips", "7.2 sums what the nodes have reset"),
            Map.entry("msetnx, tips", "7.2 took them away: it is not split over shards"),
            Map.entry("psetex, deprecated_since", DEPRECATED_LATER),
            Map.entry("psetex, doc_flags", DEPRECATED_LATER),
            Map.entry("quit, deprecated_since", DEPRECATED_LATER),
            Map.entry("quit, doc_flags", DEPRECATED_LATER),
            Map.entry("randomkey, tips", TOLD_LATER),
            Map.entry("scan, tips", TOLD_LATER),
            Map.entry("setex, deprecated_since", DEPRECATED_LATER),
            Map.entry("setex, doc_flags", DEPRECATED_LATER),
            Map.entry("setnx, deprecated_since", DEPRECATED_LATER),
            Map.entry("setnx, doc_flags", DEPRECATED_LATER),
            Map.entry("wait, categories", "called blocking since 7.2"),
            Map.entry("wait, flags", "called blocking, and allowed in scripts, since 7.2"));

    private DocumentedDifferences() {
    }

    public static boolean include(Difference difference) {
        return REASONS.containsKey(difference.command() + ", " + difference.fact());
    }
}
