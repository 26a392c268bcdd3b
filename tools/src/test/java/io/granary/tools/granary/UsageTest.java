package io.granary.tools.granary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of arguments alone, without a cluster. */
class UsageTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
        "check --no-such-option", "check a:b:c", "check :0", "call", "call 127.0.0.1:1", "set-timeout",
        "set-timeout :1 soon", "set-timeout :1 99", "create", "create :1 :2", "create :1 :2 :3 --replicas 1",
        "create :1 :2 :3 --replicas -1",
        "add-node", "del-node", "failover", "failover :1 :2 --force --takeover", "import :1", "import :1 --from x",
        "import :1 --from :2 --pipeline 0", "check :1 --timeout 0", "completion", "completion fish",
        "set-timeout :1 1000 1000"})
    void wrongUsageIsExitCode2AndShowsTheUsage(String arguments) {
        Run run = Run.expecting(2, arguments.split(" "));

        assertThat(run.out()).isEmpty();
        assertThat(run.err()).containsIgnoringCase("usage: granary");
    }

    @Test
    void aVerbThatThereIsNotIsWrongUsageToo() {
        assertThat(Run.expecting(2, "no-such-verb").err()).contains("'no-such-verb'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "info", "fix --yes", "call PING", "failover 0123456789", "del-node 0123456789"})
    void withoutAnAddressAndALocalClusterTheUserIsToldWhatToDo(String arguments) {
        Run run = Run.expecting(1, (arguments + " --data " + folder).split(" "));

        assertThat(run.err()).startsWith("granary: no cluster in " + folder).contains("HOST:PORT").contains("granary up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "info", "fix --yes", "call PING", "set-timeout 1000", "failover :7", "del-node :7"})
    void aClusterThatDoesNotAnswerIsExitCode3(String arguments) throws IOException {
        String[] words = arguments.split(" ", 2);
        String rest = words.length > 1 ? " " + words[1] : "";
        Run run = Run.expecting(3, (words[0] + " 127.0.0.1:" + unusedPort() + rest).split(" "));

        assertThat(run.err()).startsWith("granary: node 127.0.0.1:").contains("refused");
    }

    @Test
    void aNodeThatIsSilentIsGivenUpWithinTheTimeout() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Run run = Run.expecting(3, "check", "127.0.0.1:" + silent.getLocalPort(), "--timeout", "0.2");

            assertThat(run.err()).contains("no answer within 0.2 s");
        }
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void helpKnowsEveryVerb() {
        Run all = Run.expecting(0, "help");
        GranaryCli.commandLine().getSubcommands().keySet().forEach(verb -> {
            assertThat(all.out()).contains("  " + verb + " ");
            assertThat(verb.equals("help") ? "" : Run.expecting(0, "help", verb).out())
                    .contains(verb.equals("help") ? "" : "granary " + verb);
        });
        assertThat(all.out()).contains("Exit codes").contains("3   the cluster is not ok");
    }

    @Test
    void theCompletionIsAScriptThatBashCanRead() throws IOException, InterruptedException {
        Run run = Run.expecting(0, "completion", "bash");
        assertThat(run.out()).contains("set-timeout").contains("--only-primaries").contains("complete -F");
        assertThat(Run.expecting(0, "completion", "zsh").out()).contains("bashcompinit");

        Path script = Files.writeString(folder.resolve("granary.bash"), run.out());
        Process bash = new ProcessBuilder("bash", "-n", script.toString()).inheritIO().start();
        assertThat(bash.waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "create :1 :2 :3 :4 :5 :6 --cluster-replicas 1 --cluster-yes", "check :1 --cluster-search-multiple-owners",
        "fix 127.0.0.1 1 --cluster-fix-with-unreachable-masters --cluster-search-multiple-owners",
        "add-node :1 :2 --cluster-slave --cluster-master-id abc", "del-node :1 abc", "call :1 --cluster-only-masters get -1",
        "call :1 info --cluster-only-replicas", "set-timeout :1 1000",
        "rebalance :1 --cluster-yes --cluster-weight abc=1 --cluster-use-empty-masters --cluster-timeout 5 --cluster-simulate",
        "reshard :1 --cluster-from a --cluster-to b --cluster-slots 5 --cluster-yes --cluster-pipeline 5 --cluster-replace",
        "del-node :1 abc --cluster-yes", "backup :1 folder --cluster-yes",
        "import :1 --cluster-from :2 --cluster-from-user u --cluster-from-pass p --cluster-copy --cluster-replace"})
    void redisClisWordsAreUnderstood(String arguments) {
        assertThat(GranaryCli.commandLine().parseArgs(arguments.split(" ")).errors()).isEmpty();
    }
}
