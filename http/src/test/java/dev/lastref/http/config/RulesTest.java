package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.cache.semantics.PathRule;
import dev.lastref.cache.semantics.StorageRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How rules by path are set. */
class RulesTest {
    @TempDir
    Path directory;

    private static Map<String, String> withOrigin(String... keysAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of("lastref.origin", "http://127.0.0.1:1"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            settings.put("lastref.rules." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return settings;
    }

    private static SidecarConfig load(String... keysAndValues) {
        return ConfigLoader.load(null, Map.of(), withOrigin(keysAndValues));
    }

    @Test
    void withoutRulesThereAreNone() {
        assertThat(load().paths().isEmpty()).isTrue();
    }

    @Test
    void aRuleIsReadFromWhereverItsPartsAreSet() throws IOException {
        Path file = directory.resolve("config.properties");
        Files.writeString(file, """
                lastref.cache.default-ttl = 5s
                lastref.rules.some-api.path = /api/*, /v2/*
                lastref.rules.some-api.ttl = 1s
                lastref.rules.some-api.stale-if-error = 1h
                lastref.rules.some-api.query.without = utm_*, fbclid
                lastref.rules.images.path=*.png
                """);
        Map<String, String> environment = Map.of(
                "LASTREF_RULES_SOME_API_TTL", "2s",
                "LASTREF_RULES_SOME_API_NEGATIVE_TTL", "3s",
                "LASTREF_RULES_SOME_API_KEY_FIELDS", "X-Tenant");
        SidecarConfig config = ConfigLoader.load(
                file, environment, withOrigin("some-api.tags", "api, all", "some-api.host", "*.example.com"));
        assertThat(config.paths().all()).extracting(PathRule::name).containsExactly("images", "some-api");
        PathRule rule = config.paths().all().get(1);
        assertThat(rule.paths()).containsExactly("/api/*", "/v2/*");
        assertThat(rule.hosts()).containsExactly("*.example.com");
        assertThat(rule.tags()).containsExactly("api", "all");
        assertThat(rule.keyFields()).containsExactly("x-tenant");
        assertThat(rule.query().apply("/api/a?utm_x=1&b=2")).isEqualTo("/api/a?b=2");
        assertThat(rule.storage())
                .isEqualTo(config.rules()
                        .withTtl(Duration.ofSeconds(5), Duration.ofSeconds(3))
                        .withOverrides(new StorageRules.Overrides(Duration.ofSeconds(2), null, Duration.ofHours(1))));
        assertThat(config.paths().all().get(0).storage()).isEqualTo(config.rules());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "a.path, api, begin with / or *",
                "a.path, '/a,,/b', begin with / or *",
                "a.path, '/a?b=*', behind the ?",
                "a.host, 'ex ample', hosts",
                "a.priority, high, a number",
                "a.pass, yes, true or false",
                "a.ttl, 60, a duration",
                "a.stale-if-error, -1s, a duration",
                "a.query.only, 'a,', names of parameters",
                "a.query.sort, 1, true or false",
                "a.key.fields, Connection, request fields that reach the origin",
                "a.key.fields, 'a b', request fields that reach the origin",
                "a.tags, 'a,,b', names",
            })
    void badValuesAreNamedWithTheirKeyAndWhatWasExpected(String key, String value, String expected) {
        String path = key.equals("a.path") ? value : "/*";
        assertThatThrownBy(() -> load("a.path", path, key, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(
                        "lastref.rules." + key, "\"" + value + "\"", "(command line)", "expected", expected)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "lastref.rules.api.tll, lastref.rules.api.ttl",
        "lastref.rules.api.paths, lastref.rules.api.path",
        "lastref.rules.api.query.wihtout, lastref.rules.api.query.without",
        "lastref.rule.api.ttl, lastref.rules.api.ttl",
        "lastref.rules.api, lastref.",
    })
    void anUnknownKeyIsNamedWithTheNearestKnownOne(String key, String nearest) {
        Map<String, String> settings = withOrigin("api.path", "/api/*");
        settings.put(key, "1s");
        assertThatThrownBy(() -> ConfigLoader.load(null, Map.of(), settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(key, "the nearest is " + nearest);
    }

    @Test
    void aVariableThatNamesNoPropertyIsUnknown() {
        assertThatThrownBy(() -> ConfigLoader.load(null, Map.of("LASTREF_RULES_API_TLL", "1s"), withOrigin()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("LASTREF_RULES_API_TLL", "environment");
    }

    @Test
    void aRuleWithoutAPathIsRefused() {
        assertThatThrownBy(() -> load("api.ttl", "1s"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("lastref.rules.api.ttl", "command line", "lastref.rules.api.path", "expected");
    }

    @Test
    void whatPassesIsNotStoredSoNothingElseMayBeSaidOfIt() {
        assertThat(load("a.path", "/*", "a.pass", "true").paths().all().get(0).pass())
                .isTrue();
        assertThatThrownBy(() -> load("a.path", "/*", "a.pass", "true", "a.ttl", "1s"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("lastref.rules.a.ttl", "lastref.rules.a.pass", "expected");
    }

    @Test
    void theListOfWhatMayBeSetSaysWhatEachMeans() {
        for (RuleSetting setting : RuleSetting.values()) {
            assertThat(setting.meaning()).isNotBlank();
            assertThat(Rules.isKey("lastref.rules.x." + setting.property())).isTrue();
            assertThat(List.of(setting.property().split("\\."))).hasSizeLessThanOrEqualTo(2);
        }
    }
}
