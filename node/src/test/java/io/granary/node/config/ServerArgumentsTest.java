package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerArgumentsTest {
    @Test
    void theFirstArgumentWithoutADashIsTheFile() {
        ServerArguments arguments = ServerArguments.of("/etc/a.conf", "--port", "7001");
        assertThat(arguments.file()).isEqualTo("/etc/a.conf");
        assertThat(arguments.options()).isEqualTo("port \"7001\" ");
        assertThat(ServerArguments.of("--port", "7001").file()).isNull();
        assertThat(ServerArguments.of().any()).isFalse();
    }

    @Test
    void anOptionTakesAllThatFollowsUpToTheNext() {
        assertThat(ServerArguments.of("--save", "60", "1", "300", "2", "--port", "1").options())
                .isEqualTo("save \"60\" \"1\" \"300\" \"2\" \nport \"1\" ");
        assertThat(ServerArguments.of("--port 1", "--bind 1.1.1.1").options()).isEqualTo("port 1 \nbind 1.1.1.1 ");
    }

    @Test
    void aValueMayBeginWithDashesWhereOneIsMissing() {
        assertThat(ServerArguments.of("--requirepass", "--secret", "--port", "1").options())
                .isEqualTo("requirepass \"--secret\" \nport \"1\" ");
    }

    @Test
    void saveWithoutValueMeansNever() {
        assertThat(ServerArguments.of("--save", "--port", "1").options()).isEqualTo("save \"\"\nport \"1\" ");
        assertThat(ServerArguments.of("--port", "1", "--save").options()).isEqualTo("port \"1\" \nsave \"\"");
        assertThat(ServerArguments.of("--save", "").options()).isEqualTo("save \"\" ");
    }

    @Test
    void aDashAtEitherEndReadsTheStandardInput() {
        assertThat(ServerArguments.of("-").standardInput()).isTrue();
        assertThat(ServerArguments.of("a.conf", "--port", "1", "-").standardInput()).isTrue();
        assertThat(ServerArguments.of("--port", "-", "--timeout", "1").standardInput()).isFalse();
    }
}
