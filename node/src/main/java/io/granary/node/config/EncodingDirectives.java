package io.granary.node.config;

import static io.granary.node.config.Directive.number;
import static io.granary.node.config.Directive.size;

import java.util.List;

/** The directives about how collections are stored. */
final class EncodingDirectives {
    static final List<Directive> TABLE = List.of(
            number("hash-max-listpack-entries", 0, Long.MAX_VALUE, 512,
                    "Fields up to which a hash is packed in one block.").alias("hash-max-ziplist-entries"),
            size("hash-max-listpack-value", 0, Long.MAX_VALUE, 64,
                    "Bytes of a field or value up to which a hash is packed.").alias("hash-max-ziplist-value"),
            number("list-max-listpack-size", Integer.MIN_VALUE, Integer.MAX_VALUE, -2,
                    "Elements of a block of a list, or -1 to -5 for 4, 8, 16, 32, 64 kB.").alias("list-max-ziplist-size"),
            number("list-compress-depth", 0, Integer.MAX_VALUE, 0,
                    "Blocks at both ends of a list that are not compressed; 0 compresses none."),
            number("set-max-intset-entries", 0, Long.MAX_VALUE, 512, "Integers up to which a set is a sorted array."),
            number("set-max-listpack-entries", 0, Long.MAX_VALUE, 128, "Members up to which a set is packed in one block."),
            number("set-max-listpack-value", 0, Long.MAX_VALUE, 64, "Bytes of a member up to which a set is packed."),
            number("zset-max-listpack-entries", 0, Long.MAX_VALUE, 128,
                    "Members up to which a sorted set is packed in one block.").alias("zset-max-ziplist-entries"),
            size("zset-max-listpack-value", 0, Long.MAX_VALUE, 64,
                    "Bytes of a member up to which a sorted set is packed.").alias("zset-max-ziplist-value"),
            size("hll-sparse-max-bytes", 0, Long.MAX_VALUE, 3000, "Bytes up to which a HyperLogLog is sparse."),
            size("stream-node-max-bytes", 0, Long.MAX_VALUE, 4096, "Bytes of a block of a stream; 0 for no limit."),
            number("stream-node-max-entries", 0, Long.MAX_VALUE, 100, "Entries of a block of a stream; 0 for no limit."));

    private EncodingDirectives() { }
}
