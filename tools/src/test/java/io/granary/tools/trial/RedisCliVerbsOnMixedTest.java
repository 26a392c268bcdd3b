package io.granary.tools.trial;

/** {@code redis-cli --cluster} on a cluster in which every other node is redis-server. */
class RedisCliVerbsOnMixedTest extends RedisCliVerbs {

    @Override
    Program other(Program ours) {
        return Program.REDIS;
    }
}
