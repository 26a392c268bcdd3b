package io.granary.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
    private final Configuration configuration = Configuration.initial();

    private void set(String... words) throws BadValueException {
        configuration.set(List.of(words), false);
    }

    @Test
    void everyNameIsDeclaredOnce() {
        Set<String> names = new HashSet<>();
        for (Directive directive : Directives.all()) {
            assertThat(names.add(directive.name())).as(directive.name()).isTrue();
            assertThat(directive.alias() == null || names.add(directive.alias())).as(directive.name()).isTrue();
            assertThat(directive.summary()).endsWith(".");
        }
    }

    @Test
    void everyInitialValueIsAValidOne() throws BadValueException {
        for (Setting setting : configuration.settings()) {
            ValueSyntax syntax = setting.directive().syntax();
            List<String> words = syntax.takesManyWords() ? List.of(setting.raw().split(" ")) : List.of(setting.raw());
            if (!setting.raw().isEmpty()) {
                assertThat(syntax.parse(words, setting.raw())).as(setting.name()).contains(setting.raw());
            }
        }
    }

    @Test
    void namesAreAnsweredAsAskedAndPatternsAsDeclared() {
        assertThat(configuration.matching(List.of("PORT", "slaveof", "nothing")))
                .containsEntry("PORT", "6379").containsEntry("slaveof", "").hasSize(2);
        assertThat(configuration.matching(List.of("*ZIPLIST-value", "zset-max-listpack-v?lue")).keySet())
                .containsExactlyInAnyOrder("hash-max-ziplist-value", "zset-max-ziplist-value", "zset-max-listpack-value");
    }

    @Test
    void hiddenOnesAreShownOnlyByTheirFullName() {
        assertThat(configuration.matching(List.of("*"))).doesNotContainKey("watchdog-period").containsKey("maxmemory");
        assertThat(configuration.matching(List.of("watchdog-period"))).containsEntry("watchdog-period", "0");
    }

    @Test
    void severalValuesAreSetTogetherOrNotAtAll() throws BadValueException {
        set("maxmemory", "2mb", "timeout", "5");
        assertThat(configuration.number("maxmemory").value()).isEqualTo(2 << 20);
        assertThatThrownBy(() -> set("maxmemory", "3mb", "timeout", "-1"))
                .hasMessage("CONFIG SET failed (possibly related to argument 'timeout') - "
                        + "argument must be between 0 and 2147483647 inclusive");
        assertThat(configuration.number("maxmemory").value()).isEqualTo(2 << 20);
        assertThat(configuration.number("timeout").value()).isEqualTo(5);
    }

    @Test
    void refusalsNameTheArgument() {
        assertThatThrownBy(() -> set("Databases", "3"))
                .hasMessage("CONFIG SET failed (possibly related to argument 'Databases') - can't set immutable config");
        assertThatThrownBy(() -> set("NOPE", "3", "databases", "1"))
                .hasMessage("Unknown option or number of arguments for CONFIG SET - 'NOPE'");
        assertThatThrownBy(() -> set("timeout", "1", "TIMEOUT", "2"))
                .hasMessage("CONFIG SET failed (possibly related to argument 'TIMEOUT') - duplicate parameter");
    }

    @Test
    void protectedOnesCanBeSetWhereTheyAreAllowed() throws BadValueException {
        String refusal = "CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config";
        assertThatThrownBy(() -> set("dbfilename", "x.rdb")).hasMessage(refusal);
        Configuration local = Configuration.of("--enable-protected-configs", "local");
        assertThatThrownBy(() -> local.set(List.of("dbfilename", "x.rdb"), false)).hasMessage(refusal);
        local.set(List.of("dbfilename", "x.rdb"), true);
        Configuration all = Configuration.of("--enable-protected-configs", "yes");
        all.set(List.of("dbfilename", "x.rdb"), false);
        assertThat(all.text("dbfilename").value()).isEqualTo("x.rdb");
    }

    @Test
    void listenersHearOfChangesOnceAndOnlyOfChanges() throws BadValueException {
        List<String> heard = new ArrayList<>();
        ChangeListener announced = () -> heard.add("announced");
        configuration.number("cluster-announce-port").onChange(announced);
        configuration.number("cluster-announce-bus-port").onChange(announced);
        set("cluster-announce-port", "1", "cluster-announce-bus-port", "2");
        set("cluster-announce-port", "1");
        assertThat(heard).containsExactly("announced");
    }

    @Test
    void aListenerThatRefusesBringsAllBack() {
        List<String> seen = new ArrayList<>();
        configuration.number("timeout").onChange(() -> seen.add(configuration.number("timeout").raw()));
        configuration.number("port").onChange(() -> {
            if (configuration.number("port").value() == 1) {
                throw new BadValueException("Unable to listen on this port. Check server logs.");
            }
        });
        assertThatThrownBy(() -> set("timeout", "9", "port", "1"))
                .hasMessage("CONFIG SET failed (possibly related to argument 'port') - "
                        + "Unable to listen on this port. Check server logs.");
        assertThat(seen).containsExactly("9", "0");
        assertThat(configuration.number("port").value()).isEqualTo(6379);
    }

    @Test
    void bigSizesAreSaturatedForReadersAndExactForClients() throws BadValueException {
        set("maxmemory", "18446744073709551615");
        assertThat(configuration.number("maxmemory").value()).isEqualTo(Long.MAX_VALUE);
        assertThat(configuration.number("maxmemory").raw()).isEqualTo("18446744073709551615");
    }

    @Test
    void percentagesAreNegative() throws BadValueException {
        set("maxmemory-clients", "5%");
        assertThat(configuration.number("maxmemory-clients").value()).isEqualTo(-5);
    }

    @Test
    void ioThreadsAreAsManyAsCores() {
        int cores = Math.min(128, Runtime.getRuntime().availableProcessors());
        assertThat(configuration.number("io-threads").value()).isEqualTo(cores);
        assertThat(Configuration.of("--io-threads", "3").number("io-threads").raw()).isEqualTo("3");
        assertThat(Configuration.of("--io-threads", "auto").number("io-threads").value()).isEqualTo(cores);
    }

    @Test
    void structuredValuesAreRead() throws BadValueException {
        assertThat(OutputBufferLimits.of(configuration.text("client-output-buffer-limit").value()))
                .containsExactly(new OutputBufferLimits.Limit(0, 0, 0),
                        new OutputBufferLimits.Limit(256 << 20, 64 << 20, 60),
                        new OutputBufferLimits.Limit(32 << 20, 8 << 20, 60));
        assertThat(BindAddresses.of(configuration.text("bind").value()))
                .containsExactly(new BindAddresses.BindAddress("*", false), new BindAddresses.BindAddress("::*", true));
        assertThat(SavePoints.of(configuration.text("save").value())).hasSize(3)
                .startsWith(new SavePoints.SavePoint(3600, 1));
        assertThat(Percentiles.of("50 99.9")).containsExactly(50, 99.9);
        set("notify-keyspace-events", "KExg");
        assertThat(EventClasses.of(configuration.text("notify-keyspace-events").value())).isEqualTo(
                EventClasses.bit('K') | EventClasses.bit('E') | EventClasses.bit('x') | EventClasses.bit('g'));
    }

    @Test
    void newKeyEventsSurviveBesideAllOthers() throws BadValueException {
        set("notify-keyspace-events", "KAn");
        assertThat(configuration.text("notify-keyspace-events").value()).isEqualTo("AnK");
    }

    @Test
    void secretsAreKnown() {
        assertThat(configuration.isSecret("RequirePass")).isTrue();
        assertThat(configuration.isSecret("port")).isFalse();
    }
}
