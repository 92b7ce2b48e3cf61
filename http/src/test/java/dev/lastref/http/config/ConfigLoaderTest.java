package dev.lastref.http.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.cache.semantics.StorageRules;
import dev.lastref.pool.PoolConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    private static final String ORIGIN = "http://127.0.0.1:8081";

    @TempDir
    Path directory;

    // ---- precedence

    @Test
    void withoutAnythingButTheOriginEverythingIsAsByDefault() {
        SidecarConfig config = with(Map.of());
        assertThat(config.listen().toString()).isEqualTo("/0.0.0.0:8080");
        assertThat(config.origins().bases()).containsExactly(URI.create(ORIGIN));
        assertThat(config.admin().getAddress().isLoopbackAddress()).isTrue();
        assertThat(config.admin().getPort()).isEqualTo(9090);
        assertThat(config.poolSize()).isEqualTo(256L << 20);
        assertThat(config.poolDirectory()).isNull();
        assertThat(config.segmentSize()).isNull();
        assertThat(config.pinTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.sendfileMin()).isEqualTo(128 << 10);
        assertThat(config.unsentLimit()).isEqualTo(512 << 10);
        assertThat(config.maxObject()).isEqualTo(64L << 20);
        assertThat(config.rules()).isEqualTo(StorageRules.defaults());
        assertThat(config.origins().timeouts().connect()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.origins().timeouts().firstByte()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.origins().timeouts().idle()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.shutdownGrace()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void thePoolIsInADirectoryIfThatIsTheBacking() {
        assertThat(with(Map.of("lastref.pool.directory", "/run/pool")).poolDirectory())
                .isNull();
        assertThat(with(Map.of("lastref.pool.backing", "directory")).poolDirectory())
                .isEqualTo(Path.of("/dev/shm/lastref"));
        SidecarConfig config = with(Map.of(
                "lastref.pool.backing",
                "directory",
                "lastref.pool.directory",
                "/run/x",
                "lastref.pool.pin-timeout",
                "9s"));
        assertThat(config.pool().directory()).isEqualTo(Path.of("/run/x"));
        assertThat(config.pool().unprovenFor()).isEqualTo(Duration.ofSeconds(9));
        refusal(null, Map.of(), Map.of("lastref.origin", ORIGIN, "lastref.pool.backing", "disk"))
                .hasMessageContainingAll("lastref.pool.backing", "\"disk\"", "memfd or directory");
        refusal(
                        null,
                        Map.of(),
                        Map.of(
                                "lastref.origin",
                                ORIGIN,
                                "lastref.pool.backing",
                                "directory",
                                "lastref.pool.directory",
                                "x"))
                .hasMessageContainingAll("lastref.pool.directory", "\"x\"", "absolute");
    }

    @Test
    void theCommandLineBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefaults() throws IOException {
        Path file = file("""
                lastref.origin = http://file:1
                lastref.pool.size = 1MiB
                lastref.cache.max-object = 1MiB
                """);
        Map<String, String> environment = Map.of("LASTREF_POOL_SIZE", "2MiB", "LASTREF_CACHE_MAX_OBJECT", "2MiB");
        Map<String, String> commandLine = Map.of("lastref.cache.max-object", "3MiB");
        SidecarConfig config = ConfigLoader.load(file, environment, commandLine);
        assertThat(config.shutdownGrace()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.origins().bases()).containsExactly(URI.create("http://file:1"));
        assertThat(config.poolSize()).isEqualTo(2 << 20);
        assertThat(config.maxObject()).isEqualTo(3 << 20);
    }

    @Test
    void eachSourceIsNamedWhereItsValueIsBad() throws IOException {
        Path file = file("lastref.pool.size = small\n");
        Map<String, String> origin = Map.of("lastref.origin", ORIGIN);
        refusal(file, Map.of(), origin).hasMessageContainingAll("lastref.pool.size", "\"small\"", "(" + file + ")");
        refusal(file, Map.of("LASTREF_POOL_SIZE", "tiny"), origin)
                .hasMessageContainingAll("lastref.pool.size", "\"tiny\"", "(environment)");
        refusal(file, Map.of(), Map.of("lastref.origin", ORIGIN, "lastref.pool.size", "wee"))
                .hasMessageContainingAll("lastref.pool.size", "\"wee\"", "(command line)");
    }

    @Test
    void anOriginThatIsAlwaysToBeUpIsToBeChecked() {
        refusal(
                        null,
                        Map.of("LASTREF_READY_ORIGIN", "always"),
                        withOrigin(Map.of("lastref.origin.health.interval", "0")))
                .hasMessageContainingAll(
                        "lastref.origin.health.interval",
                        "\"0\"",
                        "(command line)",
                        "lastref.ready.origin",
                        "(environment)");
    }

    @Test
    void otherVariablesOfTheEnvironmentAreNoneOfOurs() {
        Map<String, String> environment = Map.of(
                "PATH",
                "/bin",
                "LASTREF_JAR",
                "x",
                "LASTREF_PORT_8080_TCP",
                "tcp://10.0.0.1:8080",
                "LASTREF_ORIGIN",
                ORIGIN);
        assertThat(ConfigLoader.load(null, environment, Map.of()).origins().bases())
                .containsExactly(URI.create(ORIGIN));
    }

    @Test
    void whatKubernetesSaysOfAServiceWhateverItsNameIsNoSetting() {
        for (String service : new String[] {"", "_METRICS", "_ADMIN", "_CANARY_2", "_POOL", "_RULES", "_RULES_API"}) {
            String name = "LASTREF" + service;
            String link = name + "_PORT_9090_TCP";
            Map<String, String> environment = new HashMap<>(Map.of(
                    name + "_SERVICE_HOST",
                    "10.0.0.1",
                    name + "_SERVICE_PORT",
                    "9090",
                    name + "_SERVICE_PORT_HTTP",
                    "9090",
                    name + "_PORT",
                    "tcp://10.0.0.1:9090",
                    link,
                    "tcp://10.0.0.1:9090",
                    link + "_PROTO",
                    "tcp",
                    link + "_PORT",
                    "9090",
                    link + "_ADDR",
                    "10.0.0.1"));
            environment.put("LASTREF_ORIGIN", ORIGIN);
            assertThat(ConfigLoader.load(null, environment, Map.of()).origins().bases())
                    .as(name)
                    .containsExactly(URI.create(ORIGIN));
        }
        refusal(null, Map.of("LASTREF_ADMIN_PORT", "9090"), Map.of())
                .hasMessageContainingAll("LASTREF_ADMIN_PORT", "a known key");
    }

    @Test
    void theHostOfARuleThatIsCalledServiceIsOneWhereNoPortIsBesideIt() {
        Map<String, String> environment = Map.of(
                "LASTREF_ORIGIN", ORIGIN,
                "LASTREF_RULES_API_SERVICE_PATH", "/api/*",
                "LASTREF_RULES_API_SERVICE_HOST", "example.com");
        assertThat(ConfigLoader.read(new ConfigSources(null, environment, Map.of()))
                        .rules())
                .containsKeys("lastref.rules.api-service.host", "lastref.rules.api-service.path");
    }

    // ---- unknown keys

    @Test
    void anUnknownKeyIsNamedWithTheNearestKnownOneWhereverItStands() throws IOException {
        refusal(file("lastref.pool.sise = 1MiB\n"), Map.of(), Map.of())
                .hasMessageContainingAll(
                        "lastref.pool.sise", "\"1MiB\"", "config.properties", "the nearest is lastref.pool.size");
        refusal(null, Map.of("LASTREF_POOL_SISE", "1MiB"), Map.of())
                .hasMessageContainingAll(
                        "LASTREF_POOL_SISE", "\"1MiB\"", "environment", "the nearest is LASTREF_POOL_SIZE");
        refusal(null, Map.of(), Map.of("lastref.cache.max-objekt", "1MiB"))
                .hasMessageContainingAll(
                        "lastref.cache.max-objekt",
                        "\"1MiB\"",
                        "command line",
                        "the nearest is lastref.cache.max-object");
    }

    @Test
    void aKeyWithoutThePrefixIsUnknown() {
        refusal(null, Map.of(), Map.of("pool.size", "1MiB")).hasMessageContaining("the nearest is lastref.pool.size");
    }

    // ---- values

    @ParameterizedTest
    @CsvSource({
        "LISTEN, 127.0.0.1:0",
        "LISTEN, ':80'",
        "LISTEN, '[::1]:80'",
        "ORIGIN, http://127.0.0.1",
        "ORIGIN, http://127.0.0.1/",
        "ORIGIN, http://[::1]:8081",
        "ORIGIN, http://some-name:8081",
        "ORIGIN, https://some-name",
        "ORIGIN, 'http://a:1, https://b'",
        "ORIGIN_HEALTH_PATH, /healthz?deep=1",
        "ORIGIN_HEALTH_INTERVAL, 0",
        "ORIGIN_EJECT_AFTER, 0",
        "ORIGIN_QUEUE, 0",
        "READY_ORIGIN, Always",
        "ADMIN, 127.0.0.1:0",
        "POOL_SIZE, 1MiB",
        "POOL_SIZE, 1048576",
        "POOL_SIZE, 64 GiB",
        "POOL_SEGMENT_SIZE, auto",
        "POOL_SEGMENT_SIZE, 4KiB",
        "POOL_SEGMENT_SIZE, 64MiB",
        "POOL_PIN_TIMEOUT, 1s",
        "POOL_PIN_TIMEOUT, 24d",
        "TRANSMIT_SENDFILE_MIN, 0",
        "TRANSMIT_SENDFILE_MIN, 1GiB",
        "TRANSMIT_UNSENT_LIMIT, 4KiB",
        "TRANSMIT_UNSENT_LIMIT, 1GiB",
        "CACHE_MAX_OBJECT, 0",
        "CACHE_MAX_OBJECT, 5GiB",
        "CACHE_HEAP, auto",
        "CACHE_HEAP, 1MiB",
        "CACHE_HEAP, 64GiB",
        "CACHE_DEFAULT_TTL, 365d",
        "CACHE_NEGATIVE_TTL, 500ms",
        "ORIGIN_CONNECT_TIMEOUT, 1ms",
        "ORIGIN_FIRST_BYTE_TIMEOUT, 1h",
        "ORIGIN_IDLE_TIMEOUT, 5m",
        "SHUTDOWN_GRACE, 0",
    })
    void goodValuesAreTaken(Setting setting, String value) {
        assertThat(with(Map.of(setting.key(), value))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "LISTEN, 8080, HOST:PORT",
        "LISTEN, 127.0.0.1:99999, HOST:PORT",
        "LISTEN, 127.0.0.1:99999, 'a port from 0 to 65535 behind the last colon, not \"99999\"'",
        "ADMIN, '[::1]:80x', 'a port from 0 to 65535 behind the last colon, not \"80x\"'",
        "LISTEN, ':-1', 'a port from 0 to 65535 behind the last colon, not \"-1\"'",
        "ORIGIN, 127.0.0.1:8081, origin's base URL",
        "ORIGIN, ftp://127.0.0.1:8081, origin's base URL",
        "ORIGIN, 'http://a:1,http://a:1', origin's base URL",
        "ORIGIN_HEALTH_PATH, health, a path",
        "ORIGIN_HEALTH_PATH, /a b, a path",
        "ORIGIN_HEALTH_TIMEOUT, 0, more than 0",
        "ORIGIN_HEALTH_DOWN_AFTER, 0, a number from 1",
        "ORIGIN_HEALTH_UP_AFTER, x, a number from 1",
        "ORIGIN_EJECT_AFTER, -1, a number from 0",
        "ORIGIN_EJECT_TIME, 0, more than 0",
        "ORIGIN_CONNECTIONS, 0, a number from 1",
        "ORIGIN_QUEUE, 1000001, a number from 0",
        "ORIGIN_QUEUE_TIMEOUT, 0, more than 0",
        "READY_ORIGIN, often, 'once, always or never'",
        "ORIGIN, http://127.0.0.1:8081/path, origin's base URL",
        "ORIGIN, http://127.0.0.1:8081?q, origin's base URL",
        "ORIGIN, http://127.0.0.1:8081#f, origin's base URL",
        "ORIGIN, 'http://a:1,', origin's base URL",
        "ORIGIN, http://a b, origin's base URL",
        "ORIGIN, http:127.0.0.1, origin's base URL",
        "ORIGIN, http://, origin's base URL",
        "ORIGIN, http://127.0.0.1:99999, origin's base URL",
        "ORIGIN, http://127.0.0.1:0, origin's base URL",
        "ADMIN, localhost, HOST:PORT",
        "POOL_SIZE, 1023KiB, at least 1MiB",
        "POOL_SIZE, -1, a size in bytes",
        "POOL_SIZE, 50%, a size in bytes",
        "POOL_SEGMENT_SIZE, automatic, auto",
        "POOL_SEGMENT_SIZE, 0, auto",
        "POOL_SEGMENT_SIZE, 4095, auto",
        "POOL_SEGMENT_SIZE, 4097, a multiple of 4KiB that fits four times into lastref.pool.size",
        "POOL_SEGMENT_SIZE, 65MiB, a multiple of 4KiB that fits four times into lastref.pool.size",
        "POOL_SEGMENT_SIZE, 2GiB, up to 1GiB",
        "POOL_PIN_TIMEOUT, 0, at least 1s",
        "POOL_PIN_TIMEOUT, 999ms, at least 1s",
        "POOL_PIN_TIMEOUT, 25d, at most 24 days",
        "POOL_PIN_TIMEOUT, 999999999999d, at most 24 days",
        "TRANSMIT_SENDFILE_MIN, 2GiB, at most 1GiB",
        "TRANSMIT_SENDFILE_MIN, eight, a size in bytes",
        "TRANSMIT_UNSENT_LIMIT, 4095, 4KiB to 1GiB",
        "TRANSMIT_UNSENT_LIMIT, 1025MiB, 4KiB to 1GiB",
        "CACHE_MAX_OBJECT, unlimited, a size in bytes",
        "CACHE_HEAP, none, auto",
        "CACHE_HEAP, 1023KiB, at least 1MiB",
        "CACHE_DEFAULT_TTL, 60, a duration with ms",
        "CACHE_DEFAULT_TTL, ${HOME}, a duration with ms",
        "CACHE_NEGATIVE_TTL, -1s, a duration with ms",
        "ORIGIN_CONNECT_TIMEOUT, 0, more than 0",
        "ORIGIN_FIRST_BYTE_TIMEOUT, 0s, more than 0",
        "ORIGIN_IDLE_TIMEOUT, 0ms, more than 0",
        "SHUTDOWN_GRACE, soon, a duration with ms",
        "SHUTDOWN_GRACE, 999999999999d, a duration with ms",
    })
    void badValuesAreNamedWithTheirKeyTheirSourceAndWhatWasExpected(Setting setting, String value, String expected) {
        refusal(null, Map.of(), withOrigin(Map.of(setting.key(), value)))
                .hasMessageContainingAll(setting.key(), "\"" + value + "\"", "(command line)", "expected", expected)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyValueIsNotTakenForTheDefault(Setting setting) {
        refusal(null, Map.of(), withOrigin(Map.of(setting.key(), "")))
                .hasMessageContainingAll(
                        setting.key() + " = \"\" (command line)",
                        setting.byDefault().isEmpty() ? "expected" : "not set at all, it is " + setting.byDefault())
                .hasMessageNotContaining("is not set:");
    }

    @Test
    void anEmptyVariableIsToldAsThatAndNotAsOneThatIsNotThere() {
        refusal(null, Map.of("LASTREF_POOL_SIZE", "", "LASTREF_ORIGIN", ORIGIN), Map.of())
                .hasMessageContainingAll(
                        "lastref.pool.size (LASTREF_POOL_SIZE) = \"\" (environment)", "not set at all, it is 256MiB");
    }

    @ParameterizedTest
    @CsvSource({
        "lastref_pool_size, LASTREF_POOL_SIZE",
        "lastref.pool.size, LASTREF_POOL_SIZE",
        "Lastref_Pool_Pin-Timeout, LASTREF_POOL_PIN_TIMEOUT",
        "lastref.rules.some-name.ttl, LASTREF_RULES_SOME_NAME_TTL",
    })
    void aVariableThatMeansASettingAndIsSpelledOtherwiseIsNotIgnored(String name, String right) {
        refusal(null, Map.of(name, "8MiB", "LASTREF_ORIGIN", ORIGIN), Map.of())
                .hasMessageContainingAll(name + " = \"8MiB\" (environment)", right);
    }

    @Test
    void aVariableWithTheDotsOfASettingIsMeantForUs() {
        refusal(null, Map.of("lastref.pool.sise", "8MiB"), Map.of())
                .hasMessageContainingAll("lastref.pool.sise", "the nearest is LASTREF_POOL_SIZE");
        Map<String, String> others = Map.of("lastref_home", "/x", "lastrefs", "1", "LASTREF_ORIGIN", ORIGIN);
        assertThat(ConfigLoader.load(null, others, Map.of()).origins().bases()).hasSize(1);
    }

    /** A label of more than 63 letters is refused by the resolver itself, whatever the network says. */
    @ParameterizedTest
    @EnumSource(names = {"LISTEN", "ADMIN"})
    void aHostThatHasNoAddressIsToldAsThat(Setting setting) {
        String host = "x".repeat(64) + ".invalid";
        refusal(null, Map.of(), withOrigin(Map.of(setting.key(), host + ":80")))
                .hasMessageContainingAll(setting.key() + " = \"" + host + ":80\"", host + " does not resolve");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9999, 127.0.0.1:9999",
        "127.0.0.1:9999, :9999",
        "0.0.0.0:9999, 127.0.0.1:9999",
        "'[::]:9999', 127.0.0.1:9999"
    })
    void twoThatListenOnOnePortAreToldOfEachOther(String listen, String admin) {
        refusal(null, Map.of(), withOrigin(Map.of("lastref.listen", listen, "lastref.admin", admin)))
                .hasMessageContainingAll(
                        "lastref.admin = \"" + admin + "\"", "lastref.listen", "\"" + listen + "\" (command line)");
    }

    @Test
    void onePortOfTwoAddressesIsTwoPorts() {
        Map<String, String> both = Map.of("lastref.listen", "127.0.0.1:9999", "lastref.admin", "127.0.0.2:9999");
        assertThat(with(both).admin().getPort()).isEqualTo(9999);
    }

    @ParameterizedTest
    @CsvSource({
        "lastref.origin, http://user:se@cret@h, http://…@h",
        "lastref.origin, 'http://a,http://user:se@cret@h:1', http://…@h:1",
        "lastref.origin, 'http://user:se,cret@h', http://…@h",
        "lastref.origin, http://user:se cret@h, http://…@h",
        "lastref.origin, user:cret@h:80, user:…@h:80",
        "lastref.origin, http://user:cret@h/path, http://…@h/path",
        "lastref.orgin, http://user:cret@h, http://…@h",
    })
    void aPasswordIsNeverPrinted(String key, String value, String shown) {
        refusal(null, Map.of(), Map.of(key, value))
                .hasMessageContaining(key + " = \"" + shown + "\"")
                .hasMessageNotContaining("cret");
        refusal(null, Map.of("LASTREF_ORIGIN", value), Map.of()).hasMessageNotContaining("cret");
    }

    @Test
    void aUserInAnOriginsUrlIsRefusedWithTheReason() {
        refusal(null, Map.of(), Map.of("lastref.origin", "http://user@h"))
                .hasMessageContainingAll("no user and no password", "Authorization");
        refusal(null, Map.of(), Map.of("lastref.origin", "http://user:pw@some_host:80"))
                .hasMessageContainingAll("no user and no password", "Authorization");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:8080, with its scheme: http://localhost:8080 or https://localhost:8080",
        "127.0.0.1:8081, with its scheme: http://127.0.0.1:8081 or https://127.0.0.1:8081",
        "'[::1]:8081/x', with its scheme: http://[::1]:8081 or https://[::1]:8081",
        "app, with its scheme: http://app or https://app",
        "'http://a:1,b:2', with its scheme: http://b:2 or https://b:2",
        "ftp://h:1, 'that begins with http:// or https://, not with ftp://'",
        "http://h:1/x, 'without a path, as each request is sent with the target that it came with: http://h:1'",
        "https://h/x/?q=1, 'without a path and a query, as each request is sent with the target that it came with: https://h'",
        "http://h:1?q, 'without a query, as each request is sent with the target that it came with: http://h:1'",
        "http://h:1/#f, 'without a fragment, as each request is sent with the target that it came with: http://h:1'",
        "http://h:0, 'with a port from 1 to 65535, not 0'",
        "http://h:65536, 'with a port from 1 to 65535, not 65536'",
    })
    void whatIsWrongWithAnOriginsUrlIsSaidWithWhatToWriteInstead(String value, String expected) {
        refusal(null, Map.of(), Map.of("lastref.origin", value))
                .hasMessage(
                        "lastref.origin = \"" + value + "\" (command line): expected an origin's base URL " + expected);
    }

    @Test
    void anOriginThatIsThereTwiceIsNamed() {
        refusal(null, Map.of(), Map.of("lastref.origin", "http://a:1,http://b:1,http://a:1"))
                .hasMessageContaining("each origin's base URL once, and http://a:1 is there twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a/,http://a", "http://a:80,http://a", "http://a,http://b,http://A:80/"})
    void anOriginThatIsThereTwiceIsNamedHoweverItIsWritten(String value) {
        assertThatThrownBy(() -> ConfigLoader.load(null, Map.of(), Map.of("lastref.origin", value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("each origin's base URL once, and http://a is there twice");
    }

    @Test
    void asManyKeysAsCertificatesMeansBothSettings() {
        refusal(null, Map.of(), withOrigin(Map.of("lastref.tls.certificate", "/a,/b", "lastref.tls.key", "/k")))
                .hasMessageContaining(
                        "lastref.tls.key = \"/k\" (command line): expected as many PEM files as lastref.tls.certificate has: 2, not 1");
        refusal(null, Map.of(), withOrigin(Map.of("lastref.tls.key", "/k")))
                .hasMessageContaining(
                        "lastref.tls.certificate = \"none\" (default): expected as many PEM files as lastref.tls.key has: 1, not 0");
    }

    @Test
    void theOriginMustBeSet() {
        refusal(null, Map.of(), Map.of())
                .hasMessageContainingAll("lastref.origin is not set", "-Dlastref.origin=", "LASTREF_ORIGIN", "file");
    }

    @Test
    void theSegmentSizeIsCheckedAgainstThePoolsSize() {
        Map<String, String> fits = Map.of("lastref.pool.size", "4MiB", "lastref.pool.segment-size", "1MiB");
        assertThat(with(fits).pool().segmentSize()).isEqualTo(1 << 20);
        refusal(null, Map.of("LASTREF_POOL_SEGMENT_SIZE", "1028KiB"), withOrigin(Map.of("lastref.pool.size", "4MiB")))
                .hasMessageContainingAll("lastref.pool.segment-size", "\"1028KiB\"", "(environment)");
    }

    @Test
    void thePoolPacksWhatIsShortAndNotSentWithSendfile() {
        PoolConfig pool = with(Map.of("lastref.transmit.sendfile-min", "4KiB")).pool();
        assertThat(pool.packBelow()).isEqualTo(4 << 10);
        assertThat(pool.capacity()).isEqualTo(256L << 20);
        assertThat(with(Map.of()).pool().packBelow()).isEqualTo(8 << 10);
        assertThat(with(Map.of("lastref.transmit.sendfile-min", "1GiB")).pool().packBelow())
                .isEqualTo(8 << 10);
    }

    // ---- the file

    @Test
    void aFileThatIsMissingIsNamed() {
        Path missing = directory.resolve("missing.properties");
        refusal(missing, Map.of(), Map.of())
                .hasMessageContainingAll("cannot read the configuration file", missing.toString());
    }

    @Test
    void aCommentBehindAValueIsToldToBeAPartOfIt() throws IOException {
        String told = "needs a line of its own";
        for (String value : new String[] {"64MiB # small", "64MiB   ! small", "64MiB #"}) {
            refusal(file("lastref.pool.size = " + value + "\n"), Map.of(), Map.of("lastref.origin", ORIGIN))
                    .hasMessageContainingAll("lastref.pool.size = \"" + value + "\"", "expected", told);
        }
        refusal(file("lastref.pool.size = 64#\n"), Map.of(), Map.of("lastref.origin", ORIGIN))
                .message()
                .doesNotContain(told);
        refusal(null, Map.of(), Map.of("lastref.origin", ORIGIN, "lastref.pool.size", "64MiB # small"))
                .message()
                .doesNotContain(told);
    }

    @Test
    void whyAFileCannotBeReadIsSaid() {
        refusal(directory.resolve("missing.properties"), Map.of(), Map.of())
                .hasMessageEndingWith("missing.properties: there is no such file");
    }

    @Test
    void aKeyThatIsInTheFileTwiceIsRefusedWithBothValues() throws IOException {
        Path file = file("lastref.origin = " + ORIGIN + "\nlastref.listen = :81\nlastref.listen = :82\n");
        refusal(file, Map.of(), Map.of())
                .hasMessageContainingAll("lastref.listen = \":82\" (" + file + ")", "each key once", "\":81\"");
    }

    @Test
    void aFileMayBeginWithAByteOrderMark() throws IOException {
        Path file = file("\ufefflastref.origin = " + ORIGIN + "\n");
        assertThat(ConfigLoader.load(file, Map.of(), Map.of()).origins().bases())
                .containsExactly(URI.create(ORIGIN));
    }

    @Test
    void aDirectoryIsNoFile() {
        refusal(directory, Map.of(), Map.of("lastref.origin", ORIGIN))
                .hasMessageContainingAll("cannot read the configuration file", directory.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'lastref.origin = \\u00zz', 1, \\u00zz",
        "'a = b\r\nlastref.origin = \\u123', 2, \\u123",
        "'# \\u0\r\t! \\u1\r\n\n\\u = 2', 4, '\\u = 2'",
        "'a = C:\\users\nb = \\\\\\u', 1, \\users",
        "'a = \\\\u\nb = \\u0041\nc = d\\\n # \\u3', 4, \\u3",
        "'a = \\\\\n# \\u1\nb = \\\\\\u', 3, \\u",
    })
    void anEscapeThatIsNoneIsNamedWithItsLine(String text, int line, String escape) throws IOException {
        Path broken = file(text + "\n");
        refusal(broken, Map.of(), Map.of())
                .hasMessage("cannot read the configuration file " + broken + ": line " + line + " has \"" + escape
                        + "\": expected four hexadecimal digits behind \\u, or \\\\u where a backslash is meant");
    }

    @Test
    void aFileInAnotherEncodingIsNamedWithItsLine() throws IOException {
        Path latin = directory.resolve("latin.properties");
        Files.write(latin, "a = b\n# \u00fc\n".getBytes(ISO_8859_1));
        refusal(latin, Map.of(), Map.of())
                .hasMessage("cannot read the configuration file " + latin
                        + ": line 2 is no text in UTF-8: expected that encoding, or \\uXXXX for what is not ASCII");
        Files.write(latin, "lastref.origin = http://a\n".getBytes(UTF_16));
        refusal(latin, Map.of(), Map.of()).hasMessageContaining("line 1 is no text in UTF-8");
    }

    @Test
    void aValueInAnotherEncodingThanTheLocalesIsTold() {
        refusal(null, Map.of(), Map.of("lastref.origin", ORIGIN, "lastref.pool.size", "\ufffd"))
                .hasMessageContaining("set LC_ALL=C.UTF-8");
        refusal(null, Map.of(), Map.of("lastref.origin", ORIGIN, "lastref.pool.size", "\u00fc"))
                .hasMessageNotContaining("LC_ALL");
    }

    @Test
    void whatIsNoTextIsToldInOneLineThatSteersNoTerminal() {
        refusal(null, Map.of(), Map.of("lastref.x\n\u001b[1m", "\r\u009b"))
                .hasMessageContaining(
                        "lastref.x\\u000a\\u001b[1m = \"\\u000d\\u009b\" (command line): expected a known key")
                .hasMessageNotContaining("\u001b");
    }

    @Test
    void aFileMayHaveCommentsAndBlankLines() throws IOException {
        Path file = file("# ours\n\nlastref.origin: " + ORIGIN.replace(":", "\\:") + "\n! and\nlastref.listen=:81\n");
        SidecarConfig config = ConfigLoader.load(file, Map.of(), Map.of());
        assertThat(config.origins().bases()).containsExactly(URI.create(ORIGIN));
        assertThat(config.listen().getPort()).isEqualTo(81);
    }

    // ---- helpers

    private static SidecarConfig with(Map<String, String> settings) {
        return ConfigLoader.load(null, Map.of(), withOrigin(settings));
    }

    private static Map<String, String> withOrigin(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("lastref.origin", ORIGIN));
        all.putAll(settings);
        return all;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refusal(
            Path file, Map<String, String> environment, Map<String, String> commandLine) {
        return assertThatThrownBy(() -> ConfigLoader.load(file, environment, commandLine))
                .isInstanceOf(ConfigException.class);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("config.properties"), content, StandardCharsets.UTF_8);
    }

    /** Who has several to mend is to know it at once: whichever way each is of no use, and of how many settings it is. */
    @Test
    void allThatCannotBeUsedIsNamedAtOnce() throws IOException {
        Path file = directory.resolve("several.properties");
        Files.writeString(file, """
                lastref.cache.keep = 1s
                lastref.cache.keep = 2s
                lastref.forwarded = true
                lastref.forwarded = maybe
                """);
        Map<String, String> commandLine = new HashMap<>(Map.of(
                "lastref.origin", "http://127.0.0.1:1",
                "lastref.ready.origin", "always",
                "lastref.origin.health.interval", "0",
                "lastref.tls.certificate", "/a.pem,/b.pem",
                "lastref.tls.key", "/a.pem",
                "lastref.listen", "127.0.0.1:8080",
                "lastref.admin", "127.0.0.1:8080",
                "lastref.pool.segment-size", "128MiB",
                "lastref.pool.siez", "1",
                "lastref.limits.url", "long"));
        commandLine.put("lastref.rules.a.path", "/x");
        commandLine.put("lastref.rules.a.ttl", "abc");
        commandLine.put("lastref.rules.a.priority", "q");
        commandLine.put("lastref.rules.b.ttl", "1s");
        commandLine.put("lastref.rules.c.path", "x");
        Map<String, String> environment = Map.of("lastref.pool.size", "64MiB", "lastref.x", "1");
        assertThatThrownBy(() -> ConfigLoader.load(file, environment, commandLine))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.each())
                                .extracting(each -> each.substring(0, each.indexOf(' ')))
                                .containsExactlyInAnyOrder(
                                        "lastref.cache.keep",
                                        "lastref.forwarded",
                                        "lastref.origin.health.interval",
                                        "lastref.tls.key",
                                        "lastref.admin",
                                        "lastref.pool.segment-size",
                                        "lastref.pool.siez",
                                        "lastref.limits.url",
                                        "lastref.rules.a.ttl",
                                        "lastref.rules.a.priority",
                                        "lastref.rules.b.path",
                                        "lastref.rules.c.path",
                                        "lastref.pool.size",
                                        "lastref.x"));
    }

    /** What stands for a value of no use is nobody's, and not told of. */
    @ParameterizedTest
    @CsvSource({
        "lastref.tls.certificate, '/a,', lastref.tls.key, '/a'",
        "lastref.pool.size, much, lastref.pool.segment-size, 256MiB",
        "lastref.listen, nowhere, lastref.admin, 0.0.0.0:8080",
    })
    void ofTwoThatBelongTogetherOnlyTheOneIsNamedThatCannotBeRead(
            String key, String value, String other, String itsValue) {
        assertThatThrownBy(() -> ConfigLoader.load(
                        null, Map.of(), Map.of("lastref.origin", "http://127.0.0.1:1", key, value, other, itsValue)))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.each()).singleElement().asString().startsWith(key + " = "));
    }
}
