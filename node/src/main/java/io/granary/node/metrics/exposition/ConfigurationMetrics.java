package io.granary.node.metrics.exposition;

import io.granary.node.config.Configuration;
import io.granary.node.config.LongSetting;
import io.granary.node.config.TextSetting;
import java.util.List;

/** The limits that graphs are drawn against. */
final class ConfigurationMetrics {

    private static final List<String> NUMBERS = List.of("maxclients", "maxmemory", "repl-backlog-size", "io-threads");

    private final List<LongSetting> numbers;
    private final TextSetting bufferLimits;

    ConfigurationMetrics(Configuration configuration) {
        numbers = NUMBERS.stream().map(configuration::number).toList();
        bufferLimits = configuration.text("client-output-buffer-limit");
    }

    void write(Exposition page) {
        for (LongSetting setting : numbers) {
            page.gauge("redis_config_" + setting.name().replace('-', '_'), setting.name() + " of the configuration")
                    .add(setting.value());
        }
        String[] words = bufferLimits.value().split(" ");
        for (int i = 0; i + 3 < words.length; i += 4) {
            String help = "client-output-buffer-limit of the configuration";
            page.gauge("redis_config_client_output_buffer_limit_bytes", help)
                    .add(words[i + 1], "class", words[i], "limit", "hard")
                    .add(words[i + 2], "class", words[i], "limit", "soft");
            page.gauge("redis_config_client_output_buffer_limit_overcome_seconds", help)
                    .add(words[i + 3], "class", words[i], "limit", "soft");
        }
    }
}
