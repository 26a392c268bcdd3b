package io.granary.node.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.granary.slots.transcript.Connection;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** DEBUG DIGEST and DIGEST-VALUE are those of redis-server for the same data. */
class DatasetDigestTest {

    private static void fill(Connection client, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 60; i++) {
            client.ask("SELECT", Integer.toString(random.nextInt(3)));
            String key = "k" + random.nextInt(40) + "\0\377".repeat(random.nextInt(3));
            client.ask("SET", key, random.nextBoolean() ? Long.toString(random.nextLong() >> random.nextInt(64))
                    : "v".repeat(random.nextInt(300)) + random.nextInt());
            if (random.nextInt(3) == 0) {
                client.ask("PEXPIREAT", key, Long.toString(4_000_000_000_000L + random.nextInt(1000)));
            }
        }
        client.ask("SELECT", "0");
    }

    @Test
    void theyAreThoseOfRedis() {
        try (LiveServer ours = TestNode.start(); LiveServer theirs = LiveServer.Kind.REDIS.start();
                Connection node = ours.connect(); Connection redis = theirs.connect()) {
            assertThat(node.ask("DEBUG", "DIGEST")).isEqualTo(redis.ask("DEBUG", "DIGEST"));
            for (long seed = 1; seed <= 5; seed++) {
                fill(node, seed);
                fill(redis, seed);
                assertThat(node.ask("DEBUG", "DIGEST")).as("seed %d", seed).isEqualTo(redis.ask("DEBUG", "DIGEST"));
                for (int i = 0; i < 40; i++) {
                    String[] request = {"DEBUG", "DIGEST-VALUE", "k" + i, "nosuch", "k" + (i + 1)};
                    assertThat(node.ask(request)).as("seed %d key %d", seed, i).isEqualTo(redis.ask(request));
                }
            }
        }
    }

    /** A cluster's keys lie in many slots, which does not show. */
    @Test
    void slotsDoNotShow() {
        try (LiveServer ours = LiveServer.Kind.GRANARY.startOwningAllSlots();
                LiveServer theirs = LiveServer.Kind.REDIS.start();
                Connection node = ours.connect(); Connection redis = theirs.connect()) {
            for (int i = 0; i < 100; i++) {
                for (Connection each : List.of(node, redis)) {
                    each.ask("SET", "k" + i, "v" + i);
                }
            }
            assertThat(node.ask("DEBUG", "DIGEST")).isEqualTo(redis.ask("DEBUG", "DIGEST"));
        }
    }

    @Test
    void reloadingChangesNothing() {
        try (LiveServer ours = TestNode.start(); Connection node = ours.connect()) {
            fill(node, 7);
            String before = node.ask("DEBUG", "DIGEST").text();
            assertThat(node.ask("DEBUG", "RELOAD").text()).isEqualTo("OK");
            assertThat(node.ask("DEBUG", "DIGEST").text()).isEqualTo(before);
            node.ask("SET", "new", "1");
            assertThat(node.ask("DEBUG", "RELOAD", "NOFLUSH", "NOSAVE").text()).startsWith("ERR Error trying to load");
            assertThat(node.ask("GET", "new").text()).isEqualTo("1");
            assertThat(node.ask("DEBUG", "RELOAD", "NOFLUSH", "NOSAVE", "MERGE").text()).isEqualTo("OK");
            assertThat(node.ask("GET", "new").text()).isEqualTo("1");
            assertThat(node.ask("DEBUG", "RELOAD", "NOSAVE").text()).isEqualTo("OK");
            assertThat(node.ask("DEBUG", "DIGEST").text()).isEqualTo(before);
            assertThat(node.ask("DEBUG", "RELOAD", "NOSUCH").text())
                    .isEqualTo("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
        }
    }
}
