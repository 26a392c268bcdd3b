package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    @TempDir
    private Path folder;

    private Configuration read(String... lines) throws ConfigFileException, IOException {
        Path file = Files.write(folder.resolve("node.conf"), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        return Configuration.of(ServerArguments.of(file.toString()), InputStream.nullInputStream());
    }

    @Test
    void fileThenStandardInputThenArgumentsAndTheLastWins() throws Exception {
        Path file = Files.writeString(folder.resolve("a.conf"), "port 1\ntimeout 1\nhz 20\n");
        InputStream input = new ByteArrayInputStream("timeout 2\nhz 30".getBytes(StandardCharsets.UTF_8));
        Configuration read = Configuration.of(ServerArguments.of(file.toString(), "--hz", "40", "-"), input);
        assertThat(read.number("port").value()).isEqualTo(1);
        assertThat(read.number("timeout").value()).isEqualTo(2);
        assertThat(read.number("hz").value()).isEqualTo(40);
        assertThat(read.file()).isEqualTo(file);
    }

    @Test
    void namesAreReadInAnyCaseAndAliasesCount() throws Exception {
        Configuration read = read("# comment", "", "  PORT 7001 ", "Slave-Read-Only no", "hash-max-ziplist-entries 7");
        assertThat(read.number("port").value()).isEqualTo(7001);
        assertThat(read.flag("replica-read-only").value()).isFalse();
        assertThat(read.number("hash-max-listpack-entries").value()).isEqualTo(7);
    }

    @Test
    void savePointsAddUpAndTheFirstLineDropsTheDefault() throws Exception {
        assertThat(read("save 60 1", "save 300 2 400 3").text("save").value()).isEqualTo("60 1 300 2 400 3");
        assertThat(read("save 60 1", "save \"\"").text("save").value()).isEmpty();
        assertThat(read("save \"60 1 70 2\"").text("save").value()).isEqualTo("60 1 70 2");
        assertThat(read("port 1").text("save").value()).isEqualTo("3600 1 300 100 60 10000");
    }

    @Test
    void bufferLimitsOfOneClassLeaveTheOthers() throws Exception {
        assertThat(read("client-output-buffer-limit replica 1mb 1k 7").text("client-output-buffer-limit").value())
                .isEqualTo("normal 0 0 0 slave 1048576 1000 7 pubsub 33554432 8388608 60");
    }

    @Test
    void includedFilesAreReadInTheirPlaceAndInOrder() throws Exception {
        Path parts = Files.createDirectory(folder.resolve("conf.d"));
        Files.writeString(parts.resolve("2.conf"), "port 2\nhz 2");
        Files.writeString(parts.resolve("1.conf"), "port 1\nhz 1");
        Files.writeString(parts.resolve(".hidden.conf"), "port 9");
        Configuration read = read("include " + folder + "/conf.?/*.conf", "hz 3", "include " + folder + "/none/*.conf");
        assertThat(read.number("port").value()).isEqualTo(2);
        assertThat(read.number("hz").value()).isEqualTo(3);
    }

    @Test
    void filesThatIncludeThemselvesAreRefused() {
        assertThatThrownBy(() -> read("include " + folder.resolve("node.conf")))
                .hasMessage("too many files include each other");
    }

    @Test
    void relativePathsStartFromTheFolderInForce() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Configuration read = read("dir " + folder, "dir inner", "logfile node.log");
        assertThat(read.directory()).isEqualTo(inner.toRealPath());
        assertThat(read.path("logfile")).isEqualTo(inner.toRealPath().resolve("node.log"));
        assertThat(read.path("pidfile")).isNull();
    }

    @Test
    void valuesAreBytesAndNamesOfFilesAreUtf8() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("größe"));
        Configuration read = read("dir " + inner, "requirepass \"\\xff\\x00ä\"");
        assertThat(read.directory()).isEqualTo(inner.toRealPath());
        assertThat(read.text("requirepass").bytes()).containsExactly(0xff, 0, 0xc3, 0xa4);
    }

    @Test
    void theCommandLineIsRelaxedAboutSpelling() {
        Configuration read = Configuration.of("--append_only", "true", "--cluster_enabled", "FALSE",
                "--replicaof", "localhost:6380", "--maxmemory-policy", "ALLKEYS-LRU");
        assertThat(read.flag("appendonly").value()).isTrue();
        assertThat(read.flag("cluster-enabled").value()).isFalse();
        assertThat(read.text("replicaof").value()).isEqualTo("localhost 6380");
        assertThat(read.choice("maxmemory-policy").is("allkeys-lru")).isTrue();
    }

    @Test
    void aFileIsNot() {
        assertThatThrownBy(() -> read("appendonly true")).hasMessage("argument must be 'yes' or 'no'");
        assertThatThrownBy(() -> read("append_only yes")).hasMessage("Bad directive or wrong number of arguments");
    }

    @Test
    void aClusterHasOneDatabaseAndSaysSo() {
        Configuration read = Configuration.of("--cluster-enabled", "yes");
        assertThat(read.number("databases").value()).isEqualTo(1);
        assertThat(read.warnings())
                .containsExactly("WARNING: Changing databases number from 16 to 1 since we are in cluster mode");
    }

    @Test
    void whatIsGivenAndHasNoEffectIsKnown() {
        assertThat(Configuration.of("--appendfsync", "always", "--port", "7", "--activedefrag", "no").withoutEffect())
                .containsExactly("appendfsync");
    }

    @Test
    void renamedCommandsAreKept() throws Exception {
        assertThat(read("rename-command FLUSHALL \"\"", "rename-command config c0nf").renamedCommands())
                .containsEntry("flushall", "").containsEntry("config", "c0nf").hasSize(2);
    }

    @Test
    void whatIsNotSupportedIsRefusedByName() {
        assertThatThrownBy(() -> read("user alice on")).hasMessageContaining("use requirepass");
        assertThatThrownBy(() -> read("aclfile /etc/users.acl")).hasMessageContaining("use requirepass");
        assertThatThrownBy(() -> read("loadmodule /x.so")).hasMessage("modules are not supported");
        assertThatThrownBy(() -> read("bf.error-rate 0.1")).hasMessage("modules are not supported");
    }

    @Test
    void theReportOfABadLineIsThatOfRedis() {
        assertThatThrownBy(() -> read("# x", "", "port 70000 ")).isInstanceOfSatisfying(ConfigFileException.class, refused ->
                assertThat(refused.report("7.4.1")).isEqualTo("""

                        *** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***
                        Reading the configuration file, at line 3
                        >>> 'port 70000'
                        argument must be between 0 and 65535 inclusive
                        """));
    }
}
