package io.granary.tools.trial;

/** {@code redis-cli --cluster} on a cluster of ours. */
class RedisCliVerbsTest extends RedisCliVerbs {

    @Override
    Program other(Program ours) {
        return ours;
    }
}
